// A real OpenID provider on a port of its choice, like Google or like Microsoft.
// node oidc_provider.mjs LIBRARY google|microsoft
//
// Latchkey needs the provider's address to start, and the provider Latchkey's: so the first request
// names it, `GET /register?redirect_uri=…`.
import http from 'node:http';

const [library, kind] = process.argv.slice(2);
const { default: Provider } = await import(library);
const tenant = '8eaef023-2b34-4da1-9baa-8bc8c9d6a490';
const wellKnown = '/.well-known/openid-configuration';
const prefix = kind === 'microsoft' ? `/${tenant}/v2.0` : '';
let base;
let answer;

// Whoever types a login has it, as people of a test do.
const account = (id) => ({
  accountId: id,
  claims: () => ({
    sub: `subject of ${id}`,
    email: `${id}@home.example`,
    email_verified: true,
    ...(kind === 'microsoft' && { tid: tenant }),
  }),
});

function register(redirectUri) {
  const provider = new Provider(base + prefix, {
    clients: [{
      client_id: 'latchkey-test',
      client_secret: 'what only the provider and we know',
      redirect_uris: [redirectUri],
    }],
    claims: { openid: ['sub', 'tid'], email: ['email', 'email_verified'], profile: ['name'] },
    conformIdTokenClaims: false,
    findAccount: (_, id) => account(id),
    pkce: { required: () => true },
    cookies: { keys: ['of a test'] },
  });
  answer = provider.callback();
}

// The metadata that all tenants share names none of them.
async function shared(response) {
  const own = await fetch(base + prefix + wellKnown).then((found) => found.json());
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ ...own, issuer: `${base}/{tenantid}/v2.0` }));
}

const server = http.createServer((request, response) => {
  const url = new URL(request.url, base);
  if (url.pathname === '/register') {
    register(url.searchParams.get('redirect_uri'));
    response.end('registered');
  } else if (url.pathname === `/common/v2.0${wellKnown}`) {
    shared(response);
  } else if (answer && request.url.startsWith(prefix)) {
    request.originalUrl = request.url;
    request.url = request.url.slice(prefix.length) || '/';
    answer(request, response);
  } else {
    response.statusCode = 404;
    response.end();
  }
});
server.listen(0, '127.0.0.1', () => {
  // Another site than 127.0.0.1, as a provider is.
  base = `http://localhost:${server.address().port}`;
  console.log(base);
});
