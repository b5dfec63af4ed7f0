//! What a caller asked of the API, and through which of Latchkey's faces.

/// A request method. Others are refused, so the log needs no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    Get,
    Head,
    Post,
    Put,
    Patch,
    Delete,
    Options,
}

impl Method {
    pub const ALL: [Self; 7] = [
        Self::Get,
        Self::Head,
        Self::Post,
        Self::Put,
        Self::Patch,
        Self::Delete,
        Self::Options,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
            Self::Options => "OPTIONS",
        }
    }

    /// `None` for a method that Latchkey does not pass on. Case matters, as in HTTP.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.as_str() == name)
    }

    /// How the log stores it; 0 is "not told".
    pub fn number(self) -> u8 {
        match self {
            Self::Get => 1,
            Self::Head => 2,
            Self::Post => 3,
            Self::Put => 4,
            Self::Patch => 5,
            Self::Delete => 6,
            Self::Options => 7,
        }
    }

    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|method| method.number() == number)
    }
}

/// The face of Latchkey that took the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Surface {
    Verify,
    ForwardAuth,
    Gateway,
    OwnKey,
}

impl Surface {
    pub const ALL: [Self; 4] = [Self::Verify, Self::ForwardAuth, Self::Gateway, Self::OwnKey];

    /// How the log stores it.
    pub fn number(self) -> u8 {
        match self {
            Self::Verify => 1,
            Self::ForwardAuth => 2,
            Self::Gateway => 3,
            Self::OwnKey => 4,
        }
    }

    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|surface| surface.number() == number)
    }

    /// Of these we do not see ourselves what comes of their requests.
    pub fn is_reported(self) -> bool {
        matches!(self, Self::Verify | Self::ForwardAuth)
    }
}
