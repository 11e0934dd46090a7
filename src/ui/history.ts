// What was done, so that it can be undone. How things look and where the view is stay outside.

export interface Step {
  readonly title: string;
  readonly undo: () => void;
  readonly redo: () => void;
}

const MOST = 100;

export class History {
  private done: Step[] = [];
  private undone: Step[] = [];

  /** For steps that have already been taken. */
  push(step: Step): void {
    this.done = [...this.done, step].slice(-MOST);
    this.undone = [];
  }

  /** Takes a step and remembers it. */
  take(step: Step): void {
    step.redo();
    this.push(step);
  }

  /** The title of what was undone, or null. */
  undo(): string | null {
    const step = this.done.pop();
    if (!step) return null;
    step.undo();
    this.undone.push(step);
    return step.title;
  }

  redo(): string | null {
    const step = this.undone.pop();
    if (!step) return null;
    step.redo();
    this.done.push(step);
    return step.title;
  }

  clear(): void {
    this.done = [];
    this.undone = [];
  }
}
