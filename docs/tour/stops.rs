//! Where the tour goes, and what it says there.

/// One picture.
pub struct Stop {
    pub title: &'static str,
    pub words: &'static str,
    /// Domain and e-mail of the demo's person who sees it.
    pub who: (&'static str, &'static str),
    pub path: &'static str,
    /// What is done before the picture is taken.
    pub steps: &'static [Step],
    pub file: &'static str,
    pub width: u32,
    pub dark: bool,
}

pub enum Step {
    Click(&'static str),
    Type(&'static str, &'static str),
    /// Waits until the page has it.
    See(&'static str),
}

pub const HEAD: &str = "# A tour\n\nThe pages of `latchkey demo`, in pictures made by `make tour`. \
    Every page works without scripts, by keyboard, in both themes, and down to 320 pixels.\n";

const OWNER: (&str, &str) = ("acme", "ada@acme.example");
const SUPPORT: (&str, &str) = ("staff", "chiara@latchkey.example");

const FIRST_KEY: &str = "tr:has(td[data-label=Scope]) a.cell-name";

const PLAIN: Stop = Stop {
    title: "",
    words: "",
    who: OWNER,
    path: "/w/default/developers/keys",
    steps: &[],
    file: "",
    width: 1280,
    dark: false,
};

pub const STOPS: &[Stop] = &[
    Stop {
        title: "All keys of a workspace",
        words: "Status, scope, last use with its address, thirty days of requests and the expiry \
            of each key, above them what the company has used of its plan and how this workspace \
            was doing. The views count what needs attention.",
        file: "keys",
        ..PLAIN
    },
    Stop {
        title: "A new key",
        words: "What it may do comes first, each choice with what it cannot do; limits, addresses \
            and origins are there for those who want them.",
        path: "/w/default/developers/keys/new",
        file: "create",
        ..PLAIN
    },
    Stop {
        title: "One key",
        words: "What is used of its limits and when room frees, what it may touch and from where, \
            its thirty days, and each request with its decision in words.",
        steps: &[Step::Click(FIRST_KEY), Step::See("#requests")],
        file: "key",
        ..PLAIN
    },
    Stop {
        title: "The log",
        words: "Every call with its decision in words, searched by all that a row holds; what failed \
            and how often stands above, each a link to the calls meant.",
        path: "/w/default/developers/logs",
        file: "logs",
        ..PLAIN
    },
    Stop {
        title: "What a workspace used",
        words: "Thirty days of one workspace, by key, category and meter, and how long answers took, \
            beside what the whole company has used of its plan.",
        path: "/w/default/developers/usage",
        file: "workspace-usage",
        ..PLAIN
    },
    Stop {
        title: "The same in the dark, on a phone",
        words: "No page scrolls sideways, and no table loses a column.",
        file: "keys-phone",
        width: 375,
        dark: true,
        ..PLAIN
    },
    Stop {
        title: "Plan and usage",
        words: "What all workspaces used together, with keys and in the app, and when it begins anew.",
        path: "/account/usage",
        file: "usage",
        ..PLAIN
    },
    Stop {
        title: "Taking somebody’s access",
        words: "What becomes of their keys is asked there and then: kept as service keys, handed over, \
            or disabled. What inherits their rights is refused at once.",
        path: "/account/members",
        steps: &[Step::Click("tbody tr:nth-child(2) th a")],
        file: "member",
        ..PLAIN
    },
    Stop {
        title: "The nodes",
        words: "What each node says of itself: whether it decides, which change it has applied, \
            and how much of the log waits to be shipped.",
        who: SUPPORT,
        path: "/operator/nodes",
        file: "nodes",
        ..PLAIN
    },
    Stop {
        title: "The catalogue",
        words: "Permissions with their routes, presets, meters and plans: one file, with all its \
            versions.",
        who: SUPPORT,
        path: "/operator/catalogue",
        file: "catalogue",
        ..PLAIN
    },
    Stop {
        title: "The support desk",
        words: "Whatever a customer pasted is found. An account opens with a ticket and a reason, for \
            half an hour, to be read only. Each page is explained, like this call that was refused, \
            and has a summary for the ticket, in plain text.",
        who: SUPPORT,
        path: "/support?q=acme",
        steps: &[
            Step::Type("#ticket", "4521"),
            Step::Click("#reason option[value=refusals]"),
            Step::Click("main form [data-submit]"),
            Step::Click("main a[href$='/developers/logs']"),
            Step::Click(".log-chips a[href*='code=DISABLED']"),
            Step::See(".active-filters"),
            Step::Click("tr:has(.code-4) td[data-column=request] a"),
            Step::See("[data-step]"),
        ],
        file: "support",
        ..PLAIN
    },
    Stop {
        title: "The audit log",
        words: "Every change, and every look of support staff, in the order in which they came: who, \
            what, why and from where. Each entry is chained to the one before it, so that what was \
            changed or taken out is found.",
        path: "/account/audit",
        file: "audit",
        ..PLAIN
    },
];
