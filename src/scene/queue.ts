/** Works one after the other, in the order they came; one that fails does not stop the next. */
export class Queue {
  private tail: Promise<unknown> = Promise.resolve();

  enqueue<T>(work: () => Promise<T>): Promise<T> {
    const result = this.tail.then(work);
    this.tail = result.catch(() => {});
    return result;
  }
}
