// A foreign client for tests of our own gateway: the official socket.io-client, saying all it hears.
import { parseArgs } from 'node:util';
import { io } from 'socket.io-client';
import { dropBinary, readLines, reviveBinary, writeLine } from './lines.mjs';

const { values } = parseArgs({
  options: {
    url: { type: 'string' },
    token: { type: 'string' },
    'session-token': { type: 'string' },
    profile: { type: 'string', default: 'meeshy-2026' },
    transport: { type: 'string', default: 'websocket' },
    reconnection: { type: 'boolean', default: false },
  },
});

function authOf({ profile, token, 'session-token': sessionToken }) {
  const is2026 = profile === 'meeshy-2026';
  if (token) return is2026 ? { token } : { authToken: token, tokenType: 'jwt' };
  if (sessionToken) return is2026 ? { sessionToken } : { sessionToken, sessionType: 'anonymous' };
  return {};
}

const say = (event, args) => writeLine({ event, args: dropBinary(args), at: Date.now() });

const socket = io(values.url, {
  auth: authOf(values),
  transports: [values.transport],
  reconnection: values.reconnection,
});
socket.on('connect', () => say('connect', [socket.id]));
socket.on('disconnect', (reason) => say('disconnect', [reason]));
socket.on('connect_error', (error) => say('connect_error', [error.message]));
socket.onAny((event, ...args) => say(event, args));

readLines((line) => {
  const { cmd, event, args = [] } = JSON.parse(line);
  if (cmd === 'emit') socket.emit(event, ...args.map(reviveBinary));
  else if (cmd === 'disconnect') socket.disconnect();
  else throw new Error(`no such command: ${cmd}`);
});
