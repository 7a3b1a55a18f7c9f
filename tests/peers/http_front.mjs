// Where HTTP arrives: counting it, refusing it, answering something else than the routes would, and knowing
// which TCP connections carry Socket.IO so that they can be cut.
import { randomUUID } from 'node:crypto';

const UUID4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;
// How a device of this process says that it is none of those that a test watches with.
export const DEVICE_HEADER = 'x-device';

export class HttpFront {
  counts = {};
  // Requests that are being answered.
  open = 0;
  refuses = { sockets: false, rest: false, sparesDevices: false };
  #answers = [];
  #held = new Set();
  // Each TCP connection that carries Socket.IO, and whether it is a device's.
  #lines = new Map();

  constructor(profile, rest, budget = 300) {
    Object.assign(this, { profile, rest, budget });
  }

  // After socket.io has attached itself: our check goes before its listeners, the official code stays as it is.
  guard(http) {
    for (const event of ['request', 'upgrade']) {
      const official = http.listeners(event);
      http.removeAllListeners(event);
      http.on(event, (request, ...rest) => {
        const isSocket = request.url.startsWith('/socket.io/');
        if (isSocket) this.#remember(request);
        if (isSocket && this.#isRefused(request)) refuseRaw(request.socket);
        else for (const listener of official) listener.call(http, request, ...rest);
      });
    }
  }

  #remember({ socket: line, headers }) {
    if (this.#lines.has(line)) return;
    this.#lines.set(line, DEVICE_HEADER in headers);
    line.on('close', () => this.#lines.delete(line));
  }

  #isRefused({ headers }) {
    const isSpared = this.refuses.sparesDevices && DEVICE_HEADER in headers;
    return this.refuses.sockets && !isSpared;
  }

  cut({ reset = false, sparesDevices = false } = {}) {
    const lines = [...this.#lines.keys()].filter((line) => !(sparesDevices && this.#lines.get(line)));
    for (const line of lines) {
      if (reset) line.resetAndDestroy();
      else line.destroy();
    }
    return lines.length;
  }

  async handle(request, response) {
    const url = new URL(request.url, 'http://gateway');
    const path = url.pathname;
    this.counts[path] = (this.counts[path] ?? 0) + 1;
    this.open += 1;
    response.on('close', () => (this.open -= 1));
    const body = await readBody(request);
    if (this.refuses.rest) return send(response, { status: 503, body: 'Service Unavailable' });
    const planned = this.#planned(path);
    const { method, headers } = request;
    const reply = planned?.status
      ? planned
      : this.rest.route({ method, path, query: url.searchParams, headers, body });
    // Computed first and sent later: an answer that is older than the events that overtook it.
    if (planned?.hold) await new Promise((release) => this.#held.add(release));
    return send(response, reply, this.#standardHeaders(headers));
  }

  #standardHeaders(headers) {
    const limits = {
      'x-ratelimit-limit': this.budget,
      'x-ratelimit-remaining': this.budget - 1,
      'x-ratelimit-reset': 60,
    };
    if (!this.profile.is2026) return limits;
    const given = headers['x-request-id'] ?? '';
    return { ...limits, 'x-request-id': UUID4.test(given) ? given : randomUUID() };
  }

  plan(answer) {
    this.#answers.push({ ...answer, left: answer.times ?? Infinity });
  }

  #planned(path) {
    const plan = this.#answers.find(
      (it) => it.left > 0 && (it.path === path || this.profile.prefix + it.path === path),
    );
    if (plan) plan.left -= 1;
    return plan;
  }

  release() {
    const count = this.#held.size;
    for (const release of this.#held) release();
    this.#held.clear();
    return count;
  }

  clear() {
    this.#answers = [];
    return this.release();
  }
}

function refuseRaw(line) {
  const text = 'Service Unavailable';
  line.end(
    `HTTP/1.1 503 ${text}\r\nContent-Type: text/plain\r\nContent-Length: ${text.length}\r\n` +
      `Connection: close\r\n\r\n${text}`,
  );
}

async function readBody(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    return undefined;
  }
}

function send(response, { status, headers = {}, body = '' }, standard = {}) {
  const isText = typeof body === 'string';
  const type = isText ? 'text/html; charset=utf-8' : 'application/json; charset=utf-8';
  response.writeHead(status, { 'content-type': type, ...standard, ...headers });
  response.end(isText ? body : JSON.stringify(body));
}
