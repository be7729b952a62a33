// Lines that belong together as one: by an expression, as Filebeat and Logstash have it, or as the stack traces of the usual languages are written.

/** Whether a line goes on with the one before it (`previous`), or is gone on with by the one behind it (`next`). */
export interface MultilineRule {
  /** Called once for each line, in order. */
  readonly belongs: (line: string) => boolean
  readonly to: 'previous' | 'next'
}

/** Logstash's `pattern`, `negate`, `what`; Filebeat's `match: after` is `previous`, `before` is `next`. */
export interface PatternOptions {
  /** Whether the pattern is found in a line: made by an engine whose time is bounded. */
  readonly found: (line: string) => boolean
  readonly negate: boolean
  readonly what: 'previous' | 'next'
}

export const patternRule = ({ found, negate, what }: PatternOptions): MultilineRule => ({
  belongs: (line) => found(line) !== negate,
  to: what,
})

export interface MultilineLimits {
  /** Lines beyond that are left out of the event, and counted. */
  readonly maxLines: number
  /** The same, in UTF-16 units, line feeds included. */
  readonly maxLength: number
  /** How long an event waits for another line. */
  readonly timeoutMs: number
}

/** One stream's lines; each source has its own. Time comes in with the lines, so it can be anybody's. */
export class MultilineJoiner {
  /** Lines that were left out. */
  droppedLines = 0
  private readonly rule: MultilineRule
  private readonly limits: MultilineLimits
  private lines: string[] = []
  private length = 0
  private lastMs = 0

  constructor(rule: MultilineRule, limits: MultilineLimits) {
    this.rule = rule
    this.limits = limits
  }

  /** When `due` has something to do, by the clock of `push`; undefined while nothing waits. */
  get dueAtMs(): number | undefined {
    return this.lines.length === 0 ? undefined : this.lastMs + this.limits.timeoutMs
  }

  /** The events that the line shows to be whole: one that has waited too long, and one that it ends. */
  push(line: string, nowMs: number): string[] {
    const whole = [this.due(nowMs)]
    const belongs = this.rule.belongs(line)
    this.lastMs = nowMs
    if (this.rule.to === 'previous' && !belongs) whole.push(this.flush())
    this.add(line)
    if (this.rule.to === 'next' && !belongs) whole.push(this.flush())
    return whole.filter((event) => event !== undefined)
  }

  /** The event that has waited long enough for another line. */
  due(nowMs: number): string | undefined {
    const dueAtMs = this.dueAtMs
    return dueAtMs !== undefined && nowMs >= dueAtMs ? this.flush() : undefined
  }

  /** What waits, at the end of a file or connection. */
  flush(): string | undefined {
    if (this.lines.length === 0) return undefined
    const event = this.lines.join('\n')
    this.lines = []
    this.length = 0
    return event
  }

  private add(line: string): void {
    const length = line.length + 1
    if (this.lines.length === 0) {
      this.lines.push(line.slice(0, this.limits.maxLength))
      this.length = length
      return
    }
    if (this.lines.length >= this.limits.maxLines || this.length + length > this.limits.maxLength) {
      this.droppedLines++
      return
    }
    this.lines.push(line)
    this.length += length
  }
}
