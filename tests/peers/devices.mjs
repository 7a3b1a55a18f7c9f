// Devices of people: the official client in this process, connected to this gateway over the network.
import { once } from 'node:events';
import { io } from 'socket.io-client';
import { DEVICE_HEADER } from './http_front.mjs';
import { claimsOf } from './rest.mjs';

export class Devices {
  // Clients per presence key, the oldest first.
  #clients = new Map();

  constructor({ profile, tokens, sockets, http }) {
    Object.assign(this, { profile, tokens, sockets, http });
  }

  // Resolves when the gateway has told everybody.
  async connect(person) {
    const client = io(`http://127.0.0.1:${this.http.address().port}`, {
      auth: this.#authOf(person),
      transports: ['websocket'],
      reconnection: false,
      forceNew: true,
      extraHeaders: { [DEVICE_HEADER]: '1' },
    });
    await new Promise((resolve, reject) => {
      client.on('authenticated', ({ success }) => (success ? resolve() : reject(new Error('refused'))));
      client.on('connect_error', reject);
      client.on('disconnect', (reason) => reject(new Error(reason)));
    });
    this.#clientsOf(person).push(client);
    await this.sockets.evictions;
  }

  async leave(person) {
    const client = this.#clientsOf(person).shift();
    if (!client) throw new Error(`${person.key} has no device`);
    const socket = this.sockets.io.sockets.sockets.get(client.id);
    if (!socket) return;
    const gone = once(socket, 'disconnect');
    client.disconnect();
    await gone;
  }

  // Those that the gateway has ended are none any more.
  #clientsOf(person) {
    const live = (this.#clients.get(person.key) ?? []).filter((it) => it.connected);
    this.#clients.set(person.key, live);
    return live;
  }

  #authOf(person) {
    if (person.isGuest) {
      const { sessionToken } = person;
      return this.profile.is2026 ? { sessionToken } : { sessionToken, sessionType: 'anonymous' };
    }
    const token = this.tokens.mint(claimsOf(person));
    return this.profile.is2026 ? { token } : { authToken: token, tokenType: 'jwt' };
  }
}
