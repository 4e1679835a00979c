// The page: sends the form, and draws a card for each order as its events come in.

const MAX_PORTRAIT = 32 * 1024 * 1024;
const CHARACTERS_PER_MINUTE = 950; // of speech in Latin letters, about
const STAGES = {
  waiting: "Waiting for its turn",
  rendering: "At HeyGen",
  saving: "Saving",
  done: "Done",
  failed: "Failed",
};
const LOST = "The app did not answer. Send it again; nothing is paid for twice.";
const UNKNOWN = "What a video takes is shown here after the first one.";

const find = (selector) => document.querySelector(selector);
const form = find("#order");
const problem = find("#problem");
const cards = new Map(); // id -> { card, item }
const sound = new Audio();

// One id for each order: sent again after a lost answer, it is still the same order.
let orderId = newId();
let busy = false;
let account = {};

function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// The form

/** Put a sentence below the field that it is about, else above the button. */
function complain(text, name) {
  for (const field of form.elements) {
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-errormessage");
  }
  const field = name ? form.elements[name] : null;
  if (field) field.closest(".field").append(problem);
  else find("#make").before(problem);
  problem.textContent = text;
  if (!field) return;
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-errormessage", problem.id);
  field.focus();
}

/** Send an order; return whether it was taken. */
async function place(id, fields) {
  try {
    const answer = await fetch(`/orders/${id}`, { method: "PUT", body: fields });
    complain(answer.ok ? "" : await answer.text(), answer.headers.get("X-Field"));
    return answer.ok;
  } catch {
    complain(LOST);
    return false;
  }
}

async function submit(event) {
  event.preventDefault();
  if (busy) return;
  if (form.portrait.files[0].size > MAX_PORTRAIT) {
    complain("The portrait is too large: 32 MB at most.", "portrait");
    return;
  }
  busy = true;
  form.setAttribute("aria-busy", "true");
  complain("");
  if (await place(orderId, new FormData(form))) {
    form.script.value = ""; // portrait and voice stay for the next one
    orderId = newId();
    estimate();
  }
  busy = false;
  form.removeAttribute("aria-busy");
}

function showPortrait() {
  const [file] = form.portrait.files;
  const preview = find("#preview");
  URL.revokeObjectURL(preview.src);
  preview.hidden = !file;
  if (file) preview.src = URL.createObjectURL(file);
}

function estimate() {
  const length = form.script.value.trim().length;
  const seconds = Math.max(1, Math.round((60 * length) / CHARACTERS_PER_MINUTE));
  const words = [`${number(length)} of 5,000 characters, about ${span(seconds)} of film`];
  if (account.price) {
    const cost = money((seconds / 60) * account.price);
    words.push(`about ${cost} at ${money(account.price)} a minute`);
  }
  find("#script-hint").textContent = length ? `${words.join(", ")}.` : "Up to 5,000 characters.";
}

async function offerVoices() {
  const answer = await fetch("/voices");
  if (!answer.ok) {
    complain(await answer.text(), "voice");
    return;
  }
  for (const { id, name, preview } of await answer.json()) {
    const option = new Option(name, id);
    if (preview) option.dataset.preview = preview;
    form.voice.add(option);
  }
  chooseVoice();
}

function chooseVoice() {
  sound.pause();
  find("#listen").disabled = !form.voice.selectedOptions[0]?.dataset.preview;
}

async function listen() {
  if (!sound.paused) {
    sound.pause();
    return;
  }
  sound.src = form.voice.selectedOptions[0].dataset.preview;
  try {
    await sound.play();
  } catch (error) {
    if (error.name !== "AbortError") complain("This voice cannot be heard now.", "voice");
  }
}

// The account

async function askAccount() {
  const answer = await fetch("/account").catch(() => null);
  if (!answer?.ok) return;
  account = await answer.json();
  const { emulated, left, unit, taken, videos, price } = account;
  const badge = document.createElement("strong");
  badge.textContent = emulated ? "Emulated" : "HeyGen";
  const words = [emulated ? "Nothing is paid; all videos are one clip." : "Each video is paid for."];
  if (left !== undefined) words.push(`${amount(left, unit)} left.`);
  find("#account").replaceChildren(badge, ` ${words.join(" ")}`);
  find("#cost").textContent = costs(taken, videos, unit) || (emulated || price ? "" : UNKNOWN);
  estimate();
}

function costs(taken, videos, unit) {
  if (!videos || !taken) return "";
  if (videos === 1) return `The last video took ${amount(taken, unit)}.`;
  return `The last ${videos} videos took about ${amount(taken / videos, unit)} each.`;
}

// The cards

function newCard(card) {
  const item = find("#card").content.cloneNode(true).querySelector("li");
  item.querySelector("img").src = card.portrait;
  item.querySelector(".script").textContent = card.script;
  item.querySelector(".again").addEventListener("click", (event) => tryAgain(card, event.target));
  item.querySelector(".delete").addEventListener("click", () => remove(card));
  cards.set(card.id, { card, item });
  find("#cards").prepend(item);
  return item;
}

function draw(card) {
  if (card.stage === "deleted") {
    takeDown(card.id);
    return;
  }
  const known = cards.get(card.id);
  const item = known?.item ?? newCard(card);
  cards.set(card.id, { card, item });
  find("#empty").hidden = true;
  if (item.dataset.stage !== card.stage && card.stage !== "waiting") accountChanged();
  item.dataset.stage = card.stage;
  const note = card.note && card.note !== card.stage ? `: ${card.note}` : "";
  const text = STAGES[card.stage] + note;
  const stage = item.querySelector(".stage");
  if (stage.textContent !== text) stage.textContent = text; // what stays the same is not read out
  const ended = card.stage === "done" || card.stage === "failed";
  item.querySelector(".way").hidden = ended;
  item.querySelector(".delete").hidden = !ended;
  item.querySelector(".again").hidden = card.stage !== "failed";
  if (card.video && !item.querySelector("video")) showVideo(item, card);
  tick();
}

function showVideo(item, { video, portrait, script }) {
  const player = document.createElement("video");
  player.className = "media";
  player.controls = true;
  player.preload = "metadata";
  player.playsInline = true;
  player.poster = portrait;
  player.src = video;
  player.setAttribute("aria-label", `Video: ${script.slice(0, 80)}`);
  item.querySelector("img").replaceWith(player);
  const download = item.querySelector(".download");
  download.hidden = false;
  download.href = `${video}?download`;
}

function takeDown(id) {
  cards.get(id)?.item.remove();
  cards.delete(id);
  find("#empty").hidden = cards.size > 0;
}

/** Say how long each order has been on its way, and how long it will be, about. */
function tick() {
  for (const { card, item } of cards.values()) {
    if (item.querySelector(".way").hidden) continue;
    const elapsed = Math.max(0, Math.round(Date.now() / 1000 - card.placed_at));
    const expected = account.seconds ? `, a video takes about ${span(Math.max(1, account.seconds))}` : "";
    item.querySelector(".time").textContent = `${span(elapsed)} so far${expected}`;
    const progress = item.querySelector("progress");
    if (card.stage === "waiting" || !account.seconds) progress.removeAttribute("value");
    else progress.value = Math.min(elapsed / account.seconds, 0.95); // the end is not known
  }
}

/** Order the same again: a new order, which is paid for. Pressed twice it is still one. */
async function tryAgain(card, button) {
  button.disabled = true;
  button.dataset.id ??= newId();
  const fields = new FormData();
  try {
    fields.set("portrait", await (await fetch(card.portrait)).blob(), "portrait");
    fields.set("script", card.script);
    fields.set("voice", card.voice);
    if (await place(button.dataset.id, fields)) delete button.dataset.id;
  } catch {
    complain(LOST);
  }
  button.disabled = false;
}

async function remove(card) {
  if (!confirm("Delete this order and its video for good?")) return;
  const answer = await fetch(`/orders/${card.id}`, { method: "DELETE" }).catch(() => null);
  if (answer?.status === 404) takeDown(card.id);
  else if (!answer?.ok) complain(answer ? await answer.text() : "The app did not answer.");
}

// Words

const number = (value) => value.toLocaleString("en", { maximumFractionDigits: 2 });
const amount = (value, unit) => `${number(value)} ${value === 1 ? unit.replace(/s$/, "") : unit}`;
const money = (value) => value.toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

function span(seconds) {
  const whole = Math.round(seconds);
  if (whole < 90) return `${whole} s`;
  return `${Math.floor(whole / 60)} min${whole < 600 && whole % 60 ? ` ${whole % 60} s` : ""}`;
}

// News of the app

let asked;

function accountChanged() {
  clearTimeout(asked); // many changes are one question
  asked = setTimeout(askAccount, 300);
}

function watch() {
  const news = new EventSource("/events");
  const gone = find("#gone");
  news.addEventListener("ids", (event) => {
    const there = new Set(JSON.parse(event.data));
    for (const id of cards.keys()) if (!there.has(id)) takeDown(id);
  });
  news.addEventListener("message", (event) => draw(JSON.parse(event.data)));
  news.addEventListener("open", () => {
    gone.hidden = true;
    accountChanged();
  });
  news.addEventListener("error", () => {
    gone.hidden = false;
    gone.textContent =
      news.readyState === EventSource.CLOSED
        ? "The app takes no more tabs now. Close some, and load this page again."
        : "The app does not answer. What was ordered goes on when it is back; trying again…";
  });
}

form.addEventListener("submit", submit);
form.addEventListener("input", () => {
  orderId = newId(); // another text is another order
  estimate();
});
form.portrait.addEventListener("change", showPortrait);
form.voice.addEventListener("change", chooseVoice);
find("#listen").addEventListener("click", listen);
sound.addEventListener("play", () => (find("#listen").textContent = "Stop"));
sound.addEventListener("pause", () => (find("#listen").textContent = "Listen"));
setInterval(tick, 1000);
showPortrait(); // a browser may keep the file when the page is loaded again
watch();
offerVoices();
