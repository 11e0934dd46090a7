// <foursight-view src="https://HOST/s/ID" poster autoplay controls="full|min|none" reveal="auto|interaction">: a scene in any page.
// Play it and listen to it: el.play(), el.pause(), el.seek(secs), el.request(type, fields); events ready progress loaded play pause time view select error ended context.
class FoursightView extends HTMLElement {
  static observedAttributes = ['src'];
  #frame = null; #next = 1; #waiting = new Map();

  connectedCallback() {
    this.style.display ||= 'block';
    this.style.aspectRatio ||= '16 / 9';
    addEventListener('message', this.#hear);
    this.#build();
  }
  disconnectedCallback() {
    removeEventListener('message', this.#hear);
    this.#frame?.remove();
    this.#frame = null;
  }
  attributeChangedCallback() { if (this.isConnected) this.#build(); }

  play() { return this.request('play'); }
  pause() { return this.request('pause'); }
  seek(t) { return this.request('seek', { t }); }
  request(type, fields = {}) {
    return new Promise((resolve, reject) => {
      const id = this.#next++;
      this.#waiting.set(id, { resolve, reject });
      this.#post(type, { ...fields, id });
    });
  }

  #build() {
    const url = new URL(this.getAttribute('src') ?? '', document.baseURI);
    if (!/^https?:$/.test(url.protocol)) return;
    url.pathname = url.pathname.replace(/^\/s\//, '/e/');
    const state = new URLSearchParams(url.hash.slice(1));
    if (this.hasAttribute('autoplay')) state.set('a', '1');
    if (this.getAttribute('reveal') === 'interaction') state.set('a', '0');
    if (this.hasAttribute('controls')) state.set('n', this.getAttribute('controls') || 'full');
    url.hash = state.toString();
    const frame = document.createElement('iframe');
    Object.assign(frame, { title: this.title || '3D scene', loading: 'lazy', allow: 'fullscreen; web-share; clipboard-write; xr-spatial-tracking', src: url.href });
    frame.style.cssText = 'width:100%;height:100%;border:0;background:center/cover';
    if (this.hasAttribute('poster')) frame.style.backgroundImage = `url(${JSON.stringify(new URL(this.getAttribute('poster'), document.baseURI).href)})`;
    this.#frame?.remove();
    this.#frame = frame;
    this.append(frame);
  }
  #post(type, fields = {}) {
    this.#frame?.contentWindow?.postMessage({ ...fields, ns: 'foursight', v: 1, type }, new URL(this.#frame.src).origin);
  }
  #hear = ({ source, data }) => {
    if (!this.#frame || source !== this.#frame.contentWindow || data?.ns !== 'foursight' || data.v !== 1) return;
    if (data.type === 'ready') this.#post('hello');
    if (data.type !== 'reply') return void this.dispatchEvent(new CustomEvent(data.type, { detail: data }));
    const asked = this.#waiting.get(data.re);
    this.#waiting.delete(data.re);
    if (data.ok) asked?.resolve(data.value);
    else asked?.reject(Object.assign(new Error(data.message), { code: data.code }));
  };
}
customElements.define('foursight-view', FoursightView);
