// The Socket.IO side: who a socket is, what it is told, which rooms it is in.
import { setTimeout as later } from 'node:timers/promises';
import { Server } from 'socket.io';
import { identifyHandshake, identifyLate } from './identity.mjs';
import { now } from './population.mjs';
import { answerRooms } from './rooms.mjs';

const FAILURES_2026 = {
  bad: 'Authentication failed',
  'unknown-user': 'User not found',
  'unknown-guest': 'Anonymous session not found',
};
const FAILURE_2025 = 'Authentication required: send Authorization: Bearer <token> or x-session-token';
const LATE_AUTH_PER_MINUTE = 10;
const EVICTION_MS = 5;

export class Sockets {
  // Live sockets per presence key.
  sessions = new Map();
  // Keys that snapshots leave out, because a test says so.
  leftOut = new Set();
  // Settled once no second socket's coming has still something to tell.
  evictions = Promise.resolve();
  #lateAttempts = new Map();
  #held = null;
  #padding = 0;

  constructor(http, { profile, population, tokens, options }) {
    Object.assign(this, { profile, population, tokens, options });
    this.io = new Server(http, {
      transports: ['websocket', 'polling'],
      cors: { origin: '*', credentials: true },
      allowEIO3: true,
      connectTimeout: 45_000,
      pingInterval: options.pingInterval,
      pingTimeout: options.pingTimeout,
      ...profile.transport,
      ...(options.recovery && { connectionStateRecovery: {} }),
    });
    this.io.on('connection', (socket) => this.#arrive(socket));
    this.rooms = answerRooms(this);
  }

  #arrive(socket) {
    socket.on('disconnect', () => this.#leave(socket));
    socket.on('authenticate', (payload) => this.#lateAuth(socket, payload));
    this.rooms.listen(socket);
    if (this.profile.is2026) socket.on('heartbeat', (payload) => this.#heartbeat(socket, payload));
    if (socket.recovered && this.options.recovery === 'trusted') return this.#resume(socket);
    const verdict = identifyHandshake(this, socket.handshake);
    if (verdict.person) this.#welcome(socket, verdict.person, { late: false });
    else this.#reject(socket, verdict.failure);
  }

  // What Socket.IO's manual shows: whose session continues is not signed in again, and told nothing.
  #resume(socket) {
    const { person } = socket.data;
    this.sessions.set(person.key, this.#socketsOf(person).add(socket));
    person.isOnline = true;
  }

  #reject(socket, failure) {
    if (!this.profile.is2026) {
      // The 2025 gateway tells, and leaves the socket open.
      socket.emit('authenticated', { success: false, error: FAILURE_2025 });
      socket.emit('error', { message: FAILURE_2025 });
      return;
    }
    if (failure === 'none') {
      this.#awaitLateAuth(socket);
      return;
    }
    if (failure === 'expired') {
      socket.emit('auth:token-expired', { code: 'token_expired', message: 'JWT token has expired' });
    } else {
      socket.emit('error', { message: FAILURES_2026[failure] });
    }
    socket.disconnect(true);
  }

  #awaitLateAuth(socket) {
    const timer = setTimeout(() => {
      if (!socket.data.person) socket.disconnect(true);
    }, this.options.authWait);
    socket.on('disconnect', () => clearTimeout(timer));
  }

  #lateAuth(socket, payload) {
    if (this.profile.is2026 && !this.#mayTryAgain(socket)) return;
    const verdict = identifyLate(this, payload);
    if (verdict.person) this.#welcome(socket, verdict.person, { late: true });
    else if (!this.profile.is2026) {
      socket.emit('authenticated', { success: false, error: 'Authentication failed' });
    } else if (verdict.failure === 'schema') socket.emit('error', { message: verdict.message });
    else this.#reject(socket, verdict.failure);
  }

  #mayTryAgain(socket) {
    const since = Date.now() - 60_000;
    const address = socket.handshake.address;
    const attempts = (this.#lateAttempts.get(address) ?? []).filter((at) => at > since);
    this.#lateAttempts.set(address, [...attempts, Date.now()]);
    if (attempts.length < LATE_AUTH_PER_MINUTE) return true;
    socket.emit('error', { message: 'Too many attempts', code: 'RATE_LIMIT_EXCEEDED' });
    socket.disconnect(true);
    return false;
  }

  #welcome(socket, person, { late }) {
    // The 2025 gateway allows one socket a person: the newcomer evicts.
    const evicted = this.profile.is2026 ? [] : [...this.#socketsOf(person)];
    for (const old of evicted) old.disconnect(true);
    socket.data.person = person;
    this.sessions.set(person.key, this.#socketsOf(person).add(socket));
    this.rooms.joinOwn(socket, person);
    const user = { id: person.key, language: 'en', isAnonymous: person.isGuest };
    if (!this.profile.is2026 && late) delete user.isAnonymous;
    socket.emit('authenticated', { success: true, user, ...(this.profile.is2026 && { version: '1.1.0' }) });
    // Without a conversation there is none.
    const isAlone = this.population.conversationsOf(person).length === 0;
    if (this.profile.is2026 && !isAlone) socket.emit('presence:snapshot', this.snapshotFor(person));
    person.isOnline = true;
    person.lastActiveAt = now();
    this.announce(person);
    if (evicted.length) this.evictions = later(EVICTION_MS).then(() => this.#forgetRecord(person));
  }

  // The older gateway ends the first socket only after the second has come, and deletes the record of both:
  // the live second one is offline in the map and for everybody, and its leaving tells nothing.
  #forgetRecord(person) {
    this.sessions.delete(person.key);
    person.isOnline = false;
    this.announce(person);
  }

  #socketsOf(person) {
    return this.sessions.get(person.key) ?? new Set();
  }

  #leave(socket) {
    const person = socket.data.person;
    const live = person && this.sessions.get(person.key);
    if (!live?.delete(socket) || live.size) return;
    this.sessions.delete(person.key);
    person.isOnline = false;
    // The 2025 gateway never finds a guest's record again, so nobody is told that a guest has left.
    if (this.profile.is2026 || !person.isGuest) this.announce(person);
  }

  #heartbeat(socket, payload) {
    const person = socket.data.person;
    if (!person) return;
    const clientTime = payload?.clientTime;
    const hint = Number.isInteger(clientTime) ? { latencyHintMs: Date.now() - clientTime } : {};
    socket.emit('heartbeat:ack', { serverTime: now(), ...hint });
    const age = Date.now() - Date.parse(person.lastActiveAt ?? 0);
    if (age > 60_000) person.lastActiveAt = now();
  }

  statusOf(person, extra = {}) {
    const status = { userId: person.key, username: person.displayName, isOnline: person.isOnline };
    if (this.profile.is2026) status.lastActiveAt = person.lastActiveAt;
    return { ...status, ...extra };
  }

  // Somebody nobody knows is announced where the observer is: that is how an unknown id reaches a monitor.
  announce(person, { event = 'user:status', payload = this.statusOf(person) } = {}) {
    if (person.isHidden) return;
    if (this.#held) this.#held.push(() => this.#send(person, event, payload));
    else this.#send(person, event, payload);
  }

  holdStatuses() {
    this.#held = [];
  }

  releaseStatuses({ isReversed = false } = {}) {
    const held = this.#held ?? [];
    this.#held = null;
    for (const send of isReversed ? held.reverse() : held) send();
  }

  #send(person, event, payload) {
    const known = this.population.byKey.get(person.key) ?? this.population.me;
    const conversations = this.population.conversationsOf(known);
    const rooms = conversations.map((it) => this.profile.room(it.id));
    if (!this.profile.is2026) {
      // One emission a conversation: whoever shares k conversations gets k copies.
      for (const room of rooms) this.io.to(room).emit(event, payload);
      return;
    }
    // One chained emission. Only keys with a live socket have a personal room with somebody in it.
    const personal = this.personalRooms(conversations);
    if (rooms.length) this.io.to([...rooms, ...personal]).emit(event, payload);
  }

  // Personal rooms of the members of these conversations, as far as anybody is in them.
  personalRooms(conversations) {
    const { byKey } = this.population;
    const live = [...this.sessions.keys()].map((key) => byKey.get(key)).filter(Boolean);
    const members = live.filter((person) => conversations.some((it) => it.members.has(person)));
    return members.map((person) => `user:${person.key}`);
  }

  socketsOf(person) {
    return [...this.io.sockets.sockets.values()].filter((it) => it.data.person === person);
  }

  snapshotFor(person) {
    const users = this.population
      .peersOf(person)
      .filter((other) => !this.leftOut.has(other.key))
      .map((other) => ({
        userId: other.key,
        username: other.handle,
        isOnline: other.isOnline && !other.isHidden,
        lastActiveAt: other.isHidden ? null : other.lastActiveAt,
      }));
    return { users: this.#padding ? padTo(users, this.#padding) : users };
  }

  sendBigSnapshot(bytes, { sticky }) {
    this.#padding = bytes;
    for (const live of this.sessions.values()) {
      for (const socket of live) socket.emit('presence:snapshot', this.snapshotFor(socket.data.person));
    }
    if (!sticky) this.#padding = 0;
  }

  revoke(reason) {
    for (const live of this.sessions.values()) {
      for (const socket of [...live]) {
        socket.emit('auth:session-revoked', {
          code: 'session_revoked',
          message: 'please sign in again',
          reason,
        });
        socket.disconnect(true);
      }
    }
  }
}

// A real snapshot grows by people, so the padding is people too.
function padTo(users, bytes) {
  const padded = [...users];
  const one = { userId: '', username: 'x'.repeat(200), isOnline: false, lastActiveAt: null };
  const count = Math.ceil(bytes / (JSON.stringify(one).length + 24));
  for (let index = 0; index < count; index += 1) {
    padded.push({ ...one, userId: `ff${index.toString(16).padStart(22, '0')}` });
  }
  return padded;
}
