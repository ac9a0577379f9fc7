/** Keeps the end of a box in view, until the user scrolls away from it and after they return. */
export class EndFollower {
  readonly #box: HTMLElement;
  #isFollowing = true;
  #top = 0;

  /** `changed` is called when the user scrolls, and when the box appears or changes its size. */
  constructor(box: HTMLElement, content: HTMLElement, changed = () => {}, signal?: AbortSignal) {
    this.#box = box;
    const onScroll = () => {
      this.#onScroll();
      changed();
    };
    box.addEventListener("scroll", onScroll, { passive: true, ...(signal ? { signal } : {}) });
    // Images grow when they load, the box changes with the window, and a hidden box cannot scroll until it is shown.
    const sizes = new ResizeObserver(() => {
      this.update();
      changed();
    });
    sizes.observe(content);
    sizes.observe(box);
    signal?.addEventListener("abort", () => sizes.disconnect());
  }

  /** Whether the user is at the end and stays there. */
  get isFollowing(): boolean {
    return this.#isFollowing;
  }

  /** Call it after a change of the content. */
  update(): void {
    if (!this.#isFollowing) return;
    this.#box.scrollTop = this.#box.scrollHeight;
    this.#top = this.#box.scrollTop;
  }

  /** Goes to the end. */
  follow(): void {
    this.#isFollowing = true;
    this.update();
  }

  #onScroll(): void {
    const { clientHeight, scrollHeight, scrollTop } = this.#box;
    if (clientHeight === 0) return;
    const isAtEnd = scrollHeight - scrollTop - clientHeight < 40;
    // Content that grew below is not a user who scrolled away.
    if (isAtEnd) this.#isFollowing = true;
    else if (scrollTop < this.#top) this.#isFollowing = false;
    this.#top = scrollTop;
  }
}
