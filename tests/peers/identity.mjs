// From a credential to a person. The order in which places are looked at differs between the versions.

const bearer = (header) => header?.replace(/^Bearer\s+/i, '');

export function identifyHandshake(gateway, { auth, headers }) {
  const header = bearer(headers.authorization);
  const sessionHeader = headers['x-session-token'];
  if (gateway.profile.is2026) {
    return identify2026(gateway, {
      token: auth.token || auth.authToken || header,
      session: auth.sessionToken || sessionHeader,
    });
  }
  const allowsToken = !auth.tokenType || auth.tokenType === 'jwt';
  const allowsSession = !auth.sessionType || auth.sessionType === 'anonymous';
  return identify2025(gateway, {
    token: header || (allowsToken && (auth.authToken || auth.token)),
    session: sessionHeader || (allowsSession && auth.sessionToken),
  });
}

export function identifyLate(gateway, payload) {
  const isObject = payload !== null && typeof payload === 'object' && !Array.isArray(payload);
  const { token, sessionToken } = isObject ? payload : {};
  if (!gateway.profile.is2026) {
    // The late event of 2025 takes a JWT or a guest session under the same name. Its acceptance of a bare
    // userId is a hole and is not imitated.
    return identify2025(gateway, { token: sessionToken, session: sessionToken });
  }
  const isText = (value) => value === undefined || typeof value === 'string';
  if (!isObject || !isText(token) || !isText(sessionToken)) {
    return { failure: 'schema', message: 'Invalid payload' };
  }
  if (!token && !sessionToken) return { failure: 'schema', message: 'token or sessionToken required' };
  return identify2026(gateway, { token, session: sessionToken });
}

export function identifyRequest(gateway, headers) {
  const token = bearer(headers.authorization);
  const session = headers['x-session-token'];
  if (!token && !session) return { failure: 'none' };
  return token ? byToken(gateway, token) : bySession(gateway, session);
}

function identify2026(gateway, { token, session }) {
  if (token) return byToken(gateway, token);
  return session ? bySession(gateway, session) : { failure: 'none' };
}

function identify2025(gateway, { token, session }) {
  const verdict = token ? byToken(gateway, token) : { failure: 'none' };
  if (verdict.person || !session) return verdict;
  return bySession(gateway, session);
}

function byToken({ tokens, population }, token) {
  if (population.isAway) return { failure: 'bad' };
  const { claims, failure } = tokens.verify(token);
  if (failure) return { failure };
  const person = population.byKey.get(claims.userId);
  return person ? { person } : { failure: 'unknown-user' };
}

function bySession({ population }, session) {
  if (population.isAway) return { failure: 'unknown-guest' };
  const person = population.bySession.get(session);
  return person ? { person } : { failure: 'unknown-guest' };
}
