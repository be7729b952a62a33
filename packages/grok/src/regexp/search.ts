// Called per line and expression; bench/src/grok.ts. Where a match can begin: the machine is asked there alone, for most lines do not match.
import type { CharBits } from './first-chars.ts'
import { Machine, type MatchOutcome } from './machine.ts'
import type { Program } from './program.ts'
import { noStart, type StartScan, startScan, unknownStart } from './start-scan.ts'

const newline = 10
/** After so many lines in a row that did not match, the next one is expected not to either. */
const likelyRefused = 3

/** Finds the first match of one program in texts, one after the other; not re-entrant. */
export class Search {
  private readonly program: Program
  /** Has what was found: where the match begins and ends, and the groups. */
  readonly machine: Machine
  /** Made for the first line that needs it; null where there is none. */
  private scan: StartScan | null | undefined
  /** Whether the scan has been asked about the text. */
  private isAsked = false
  /** The lines in a row that did not match and were read for it. */
  private refused = 0
  /** For so many more lines the scan comes before the machine, whatever the last ones were. */
  private debt = 0

  constructor(program: Program) {
    this.program = program
    this.machine = new Machine(program)
  }

  /** Looks for the first match in the text, which costs at most so many steps. */
  search(text: string, maxSteps: number): MatchOutcome {
    for (const wanted of this.program.required) if (!text.includes(wanted)) return 'no_match'
    const { machine } = this
    machine.begin(text, maxSteps)
    const isScanFirst = this.debt > 0 || this.refused >= likelyRefused
    this.isAsked = false
    const outcome = this.look(text, isScanFirst)
    if (outcome === 'match') this.refused = 0
    else if (this.isAsked) this.refused++
    if (isScanFirst) this.debt = Math.max(0, this.debt - 1)
    // as many lines are read first as their reading costs what the machine did in vain: a quarter of a step a character
    else if (outcome !== 'match') this.debt = Math.floor((maxSteps - machine.steps) / ((text.length >> 2) + 8))
    return outcome
  }

  /** The first place is tried at once, unless that was in vain for the lines before: lines that match are not read twice. */
  private look(text: string, isScanFirst: boolean): MatchOutcome {
    const { machine } = this
    // where the last line matched, this one may as well: as much is tried as reading it would cost
    const patience = machine.steps - (this.refused === 0 ? (text.length >> 1) + 16 : 0)
    let askedTo = isScanFirst ? 0 : text.length + 1
    for (let start = this.possible(text, 0); start >= 0; start = this.possible(text, start + 1)) {
      if (start >= askedTo) {
        const next = this.ask(text, start)
        if (next === noStart) return 'no_match'
        askedTo = next === unknownStart ? text.length + 1 : (this.scan?.end ?? 0)
        if (next > start) {
          start = next - 1
          continue
        }
      }
      const outcome = machine.run(start)
      // an expression that explodes where nothing can match is no reason to give the line up
      if (outcome === 'exhausted' && !this.isAsked && this.ask(text, start) === noStart) return 'no_match'
      if (outcome !== 'no_match') return outcome
      if (!this.isAsked && machine.steps < patience) askedTo = 0
    }
    return 'no_match'
  }

  /** As `StartScan.from`. */
  private ask(text: string, start: number): number {
    if (this.scan === undefined) this.scan = startScan(this.program) ?? null
    if (!this.isAsked) this.scan?.begin()
    this.isAsked = true
    if (this.scan === null) return unknownStart
    return this.scan.from(text, start)
  }

  /** The first place from there on that has the right character and stands where the expression is anchored; -1 for none. */
  private possible(text: string, from: number): number {
    const { first, anchor } = this.program
    if (anchor === 'text') return from === 0 ? firstAt(text, 0, 0, first) : -1
    if (anchor === undefined) return firstAt(text, from, text.length, first)
    let line = from
    while (line <= text.length) {
      if (line > 0 && text.charCodeAt(line - 1) !== newline) {
        const end = text.indexOf('\n', line)
        if (end < 0) return -1
        line = end + 1
      }
      const start = firstAt(text, line, line, first)
      if (start >= 0) return start
      line++
    }
    return -1
  }
}

/** The first place between both that has one of the characters, or any place where those are not known; -1 for none. */
function firstAt(text: string, from: number, last: number, first: CharBits | undefined): number {
  if (first === undefined) return from <= last ? from : -1
  const end = Math.min(last, text.length - 1)
  for (let at = from; at <= end; at++) if (first[Math.min(text.charCodeAt(at), 256)] === 1) return at
  return -1
}
