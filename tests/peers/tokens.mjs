// JWT HS256 by hand, and the memory of which tokens the control has declared expired.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

// Constant, so that a token outlives a restart of the gateway as it does in production.
const SECRET = 'a secret of the tests, worth nothing';
export const DAY_S = 86_400;

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const sign = (text, secret) => createHmac('sha256', secret).update(text).digest('base64url');

function mintJwt(body, secret) {
  const text = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(body)}`;
  return `${text}.${sign(text, secret)}`;
}

function readJwt(token) {
  const parts = String(token).split('.');
  if (parts.length !== 3) return null;
  const expected = Buffer.from(sign(`${parts[0]}.${parts[1]}`, SECRET));
  const given = Buffer.from(parts[2]);
  if (expected.length !== given.length || !timingSafeEqual(expected, given)) return null;
  try {
    return JSON.parse(Buffer.from(parts[1], 'base64url').toString());
  } catch {
    return null;
  }
}

export class Tokens {
  // By jti: a gateway that restarts is told the expired ones on its command line.
  #known = new Set();
  #expired;

  constructor(expired = []) {
    this.#expired = new Set(expired);
  }

  get expired() {
    return [...this.#expired];
  }

  mint(claims, { lifetimeS = DAY_S, forged = false } = {}) {
    const iat = Math.floor(Date.now() / 1000);
    // jti keeps two tokens of the same second apart: a refreshed one must differ from the expired one.
    const jti = randomBytes(9).toString('base64url');
    this.#known.add(jti);
    return mintJwt({ ...claims, iat, exp: iat + lifetimeS, jti }, forged ? 'another secret' : SECRET);
  }

  // {claims} when good, {claims, failure: 'expired'} when genuine but old, {failure: 'bad'} otherwise.
  verify(token) {
    const claims = readJwt(token);
    if (!claims) return { failure: 'bad' };
    this.#known.add(claims.jti);
    const isOld = this.#expired.has(claims.jti) || claims.exp * 1000 <= Date.now();
    return isOld ? { claims, failure: 'expired' } : { claims };
  }

  expireAll() {
    for (const jti of this.#known) this.#expired.add(jti);
  }
}
