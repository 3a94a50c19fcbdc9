// The live feed of a campaign, as a page keeps it: lost, it comes back by itself.

import { WebSocket } from "k6/experimental/websockets";
import { Counter, Trend } from "k6/metrics";
import { SOCKET_URL } from "./settings.js";

const RECONNECT_MS_MAX = 2000;

const opened = new Counter("sockets_opened");
const lost = new Counter("sockets_lost");
const failed = new Counter("sockets_failed");
const opening = new Trend("socket_opening_duration", true);

export class Live {
  // `onFrame` gets each frame as text, and this.
  constructor(campaign, { token, onFrame = () => {} } = {}) {
    this.address = `${SOCKET_URL}/ws/${campaign}`;
    // Not in the address, as browsers have to: addresses are in results.
    this.params = { headers: token ? { Authorization: `Bearer ${token}` } : {}, tags: { name: "feed" } };
    this.onFrame = onFrame;
    this.open = false;
    this.connect();
  }

  connect() {
    this.wanted = true;
    const began = Date.now();
    const socket = new WebSocket(this.address, null, this.params);
    let wasOpen = false;
    // An error is followed by a close, or it is not: both mean the same.
    const ended = () => {
      if (socket !== this.socket) return;
      this.socket = null;
      this.open = false;
      (wasOpen ? lost : failed).add(1);
      setTimeout(() => this.wanted && this.connect(), Math.random() * RECONNECT_MS_MAX);
    };
    socket.onopen = () => {
      wasOpen = this.open = true;
      opened.add(1);
      opening.add(Date.now() - began);
    };
    socket.onmessage = (message) => this.onFrame(message.data, this);
    socket.onerror = ended;
    socket.onclose = ended;
    this.socket = socket;
  }

  send(text) {
    if (this.open) this.socket.send(text);
  }

  close() {
    this.wanted = false;
    const socket = this.socket;
    this.socket = null;
    this.open = false;
    if (socket) socket.close();
  }

  // Comes back at once, as a whole crowd does when a server restarts.
  reopen() {
    this.close();
    this.connect();
  }
}

export function pause(ms) {
  return new Promise((done) => setTimeout(done, Math.max(0, ms)));
}
