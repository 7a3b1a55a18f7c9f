// The remote control: one JSON command a line on stdin, one JSON answer a line on stdout, in order.
import { setImmediate as breathe } from 'node:timers/promises';
import { readLines, reviveBinary, writeLine } from './lines.mjs';
import { now } from './population.mjs';
import { claimsOf } from './rest.mjs';

const epochMs = () => performance.timeOrigin + performance.now();

export function takeCommands(gateway) {
  let turn = Promise.resolve();
  readLines((line) => {
    turn = turn.then(() => perform(gateway, line));
  });
}

async function perform(gateway, line) {
  let id;
  try {
    const command = JSON.parse(line);
    id = command.id;
    const run = Object.hasOwn(COMMANDS, command.cmd) ? COMMANDS[command.cmd] : null;
    if (!run) throw new Error(`no such command: ${command.cmd}`);
    writeLine({ id, ok: true, ...(await run(gateway, command)) });
  } catch (error) {
    writeLine({ id, ok: false, error: error.message });
  }
}

const COMMANDS = {
  status({ sockets, population }, command) {
    const { userId, isOnline, lastActiveAt, timestamp, event, username } = command;
    const stranger = { key: userId, displayName: username, isOnline, lastActiveAt: null };
    const person = population.byKey.get(userId) ?? stranger;
    person.isOnline = isOnline;
    if (lastActiveAt !== undefined) person.lastActiveAt = lastActiveAt;
    else if (isOnline) person.lastActiveAt = now();
    const extra = { ...(timestamp !== undefined && { timestamp }), ...(username && { username }) };
    const sent_ms = epochMs();
    sockets.announce(person, { event, payload: sockets.statusOf(person, extra) });
    return { sent_ms };
  },

  emit({ sockets }, { event, args = [] }) {
    const sent_ms = epochMs();
    sockets.io.emit(event, ...args.map(reviveBinary));
    return { sent_ms };
  },

  // Text below Socket.IO's own encoder: a packet that no server should send.
  raw({ sockets }, { text }) {
    for (const socket of sockets.io.sockets.sockets.values()) socket.conn.send(text);
  },

  // From now on no ping is sent, and none is missed; everything else goes on.
  'stop-pings'({ sockets }) {
    for (const socket of sockets.io.sockets.sockets.values()) {
      clearTimeout(socket.conn.pingIntervalTimer);
      clearTimeout(socket.conn.pingTimeoutTimer);
    }
  },

  async burst({ sockets, population }, { count, seed = 1 }) {
    const random = seeded(seed);
    const others = population.people.slice(1);
    const began_ms = epochMs();
    for (let sent = 1; sent <= count; sent += 1) {
      const person = others[Math.floor(random() * others.length)];
      person.isOnline = !person.isOnline;
      if (person.isOnline) person.lastActiveAt = now();
      sockets.announce(person);
      // Without a breath nothing reaches the network before the last one.
      if (sent % 200 === 0) await breathe();
    }
    return { sent: count, began_ms, ended_ms: epochMs(), truth: population.truth() };
  },

  // Memberships. `verb` is a method that takes a conversation and somebody.
  member({ memberships, population }, { verb, conversation, userId }) {
    const verbs = ['add', 'enterByLink', 'remove', 'removeSilently', 'ban', 'unban'];
    if (!verbs.includes(verb)) throw new Error(`no such verb: ${verb}`);
    memberships[verb](found(population, conversation), somebody(population, userId));
  },

  // Somebody enters by a link as a guest.
  guest({ population }, { name }) {
    const [conversation] = population.conversations;
    return { userId: population.welcomeGuest(conversation, { username: name, firstName: name, lastName: name }).key };
  },

  open({ memberships, population }, { title, userIds }) {
    const people = userIds.map((it) => somebody(population, it));
    return { conversation: memberships.open(title, people).id };
  },

  retitle({ memberships, population }, { conversation, title }) {
    memberships.update(found(population, conversation), title);
  },

  end({ memberships, population }, { conversation, isDeleted }) {
    memberships.end(found(population, conversation), { isDeleted });
  },

  rename({ memberships, population }, { userId, name }) {
    memberships.rename(somebody(population, userId), name);
  },

  nickname({ population }, { conversation, userId, name }) {
    found(population, conversation).nicknames.set(somebody(population, userId).key, name);
  },

  hide({ population }, { userId, isHidden }) {
    somebody(population, userId).isHidden = isHidden;
  },

  rank({ population }, { userId, rank }) {
    somebody(population, userId).rank = rank;
  },

  // Snapshots and runtime answers leave these out from now on.
  'leave-out'({ sockets, httpFront }, { userIds }) {
    sockets.leftOut = new Set(userIds);
    httpFront.rest.leftOut = new Set(userIds);
  },

  booting({ httpFront }, { isBooting }) {
    httpFront.rest.isBooting = isBooting;
  },

  truth: ({ population }) => ({ me: population.me.key, truth: population.truth() }),

  kick({ sockets, population }, { userId }) {
    const all = [...sockets.io.sockets.sockets.values()];
    const kicked = userId === undefined ? all : sockets.socketsOf(somebody(population, userId));
    for (const socket of kicked) socket.disconnect(true);
    return { kicked: kicked.length };
  },

  // Real clients of this gateway, so that being there is having a socket.
  async device({ devices, population }, { verb, userId }) {
    const verbs = ['connect', 'leave'];
    if (!verbs.includes(verb)) throw new Error(`no such verb: ${verb}`);
    await devices[verb](somebody(population, userId));
  },

  // The gateway's own maps: who has how many sockets, and who is what in which conversation. Every event of
  // before precedes the mark on every socket, and none of after does.
  async state({ population, sockets, httpFront }, { mark }) {
    await sockets.evictions;
    sockets.io.emit('test:mark', mark);
    const people = population.people.map((person) => ({
      ...population.truth()[person.key],
      key: person.key,
      isHidden: person.isHidden,
      devices: sockets.socketsOf(person).length,
    }));
    const { conversations } = population.database();
    const rooms = population.conversations.map((conversation, index) => ({
      ...conversations[index],
      names: [...conversation.members].map((it) => [it.key, population.nameIn(conversation, it)]),
    }));
    return { me: population.me.key, people, rooms, openRequests: httpFront.open };
  },

  database: ({ population, tokens }) => ({
    database: { population: population.database(), expired: tokens.expired },
  }),

  // Statuses wait, as behind a slow query, and overtake each other when they are let go.
  'hold-statuses': ({ sockets }) => sockets.holdStatuses(),

  'release-statuses': ({ sockets }, { isReversed }) => sockets.releaseStatuses({ isReversed }),

  cut: ({ httpFront }, { reset, sparesDevices }) => ({ cut: httpFront.cut({ reset, sparesDevices }) }),

  refuse({ httpFront }, { sockets, rest, sparesDevices = false }) {
    if (rest !== undefined) httpFront.refuses.rest = rest;
    if (sockets !== undefined) Object.assign(httpFront.refuses, { sockets, sparesDevices });
    return { cut: sockets ? httpFront.cut({ sparesDevices }) : 0 };
  },

  // The database is away: everybody is nobody, until told otherwise.
  away({ population }, { isAway }) {
    population.isAway = isAway;
  },

  requests({ httpFront }) {
    const total = Object.values(httpFront.counts).reduce((sum, count) => sum + count, 0);
    return { total, requests: { ...httpFront.counts } };
  },

  revoke({ sockets, profile }, { reason = 'logout_all_devices' }) {
    only2026(profile);
    sockets.revoke(reason);
  },

  expire: ({ tokens }) => tokens.expireAll(),

  mint({ tokens, population }, { lifetime_s: lifetimeS, userId, forged }) {
    const key = userId ?? population.me.key;
    const person = population.byKey.get(key) ?? { key, handle: 'nobody' };
    return { token: tokens.mint(claimsOf(person), { lifetimeS, forged }) };
  },

  answer({ httpFront }, { path, status, headers, body, times, hold }) {
    httpFront.plan({ path, status, headers, body, times, hold });
  },

  release: ({ httpFront }) => ({ released: httpFront.release() }),

  clear: ({ httpFront }) => ({ released: httpFront.clear() }),

  'big-snapshot'({ sockets, profile }, { bytes, sticky = false }) {
    only2026(profile);
    sockets.sendBigSnapshot(bytes, { sticky });
  },

  // From here on nothing is sent that was not asked for, and requests are counted from zero.
  quiet({ sockets, httpFront }) {
    sockets.rooms.quiet();
    httpFront.counts = {};
  },

  exit() {
    setImmediate(() => process.exit(0));
  },
};

function found(population, id) {
  const conversation = id === undefined ? population.conversations[0] : population.find(id);
  if (!conversation) throw new Error(`no such conversation: ${id}`);
  return conversation;
}

function somebody(population, userId) {
  const person = userId === undefined ? population.me : population.byKey.get(userId);
  if (!person) throw new Error(`nobody has the key ${userId}`);
  return person;
}

function only2026(profile) {
  if (!profile.is2026) throw new Error(`${profile.name} does not know this`);
}

// mulberry32: small, and the same in every run.
function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
