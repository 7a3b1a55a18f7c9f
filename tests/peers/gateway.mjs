// A gateway for tests: Node's http and the official socket.io server, speaking either version of the contract.
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import { takeCommands } from './control.mjs';
import { HttpFront } from './http_front.mjs';
import { Devices } from './devices.mjs';
import { writeLine } from './lines.mjs';
import { Memberships } from './memberships.mjs';
import { Population } from './population.mjs';
import { PROFILES } from './profiles.mjs';
import { claimsOf, Rest } from './rest.mjs';
import { Sockets } from './sockets.mjs';
import { Tokens } from './tokens.mjs';

const { values } = parseArgs({
  options: {
    profile: { type: 'string', default: 'meeshy-2026' },
    port: { type: 'string', default: '0' },
    'ping-interval': { type: 'string' },
    'ping-timeout': { type: 'string' },
    'auth-wait': { type: 'string', default: '10000' },
    participants: { type: 'string', default: '6' },
    conversations: { type: 'string', default: '1' },
    // Connection state recovery: 'on', or 'trusted' if whose session continues is not signed in again.
    recovery: { type: 'string' },
    // Requests a minute, as announced.
    budget: { type: 'string', default: '300' },
    // Nobody is there at first.
    deserted: { type: 'boolean', default: false },
    // What the process before this one has left, as JSON.
    database: { type: 'string' },
  },
});

const profile = PROFILES[values.profile];
if (!profile) throw new Error(`no such profile: ${values.profile}`);

const options = {
  pingInterval: Number(values['ping-interval'] ?? profile.pingInterval),
  pingTimeout: Number(values['ping-timeout'] ?? profile.pingTimeout),
  authWait: Number(values['auth-wait']),
  recovery: values.recovery,
};
const database = values.database && JSON.parse(values.database);
const population = new Population(profile, {
  participants: Number(values.participants),
  conversations: Number(values.conversations),
  isDeserted: values.deserted,
  database: database?.population,
});
const tokens = new Tokens(database?.expired);
const httpFront = new HttpFront(profile, new Rest({ profile, population, tokens }), Number(values.budget));
const http = createServer((request, response) => httpFront.handle(request, response));
const sockets = new Sockets(http, { profile, population, tokens, options });
const memberships = new Memberships({ profile, population, sockets });
const devices = new Devices({ profile, tokens, sockets, http });
httpFront.guard(http);

http.listen(Number(values.port), '127.0.0.1', () => {
  writeLine({
    url: `http://127.0.0.1:${http.address().port}`,
    token: tokens.mint(claimsOf(population.me)),
    conversation: population.conversations[0].id,
    profile: profile.name,
  });
  takeCommands({ profile, population, tokens, httpFront, sockets, memberships, devices });
});
