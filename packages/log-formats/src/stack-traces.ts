// Which lines go on with an exception: Java, Python, Node and Go as they print them, without a word of configuration.
import type { MultilineRule } from './multiline.ts'

/** A stack frame, or anything that is set in by blanks or a tab. */
const indented = /^[ \t]+\S/
/** Java's causes, and the counts of frames left out. */
const javaCause = /^(?:Caused by: |Suppressed: |\.\.\. \d+ (?:more|common frames omitted))/
/** The exception behind the line that logs it, with its class in full: no logger begins a line so. */
const javaThrown = /^(?:[a-z_$][\w$]*\.)+[A-Z][\w$]*(?:Exception|Error|Throwable)(?::|$)/
/** The end of what Node prints of an error's properties. */
const closingBrace = /^[})\]]+,?;?$/

const pythonStart = /^(?:Traceback \(most recent call last\):|\s*\+ Exception Group Traceback )/
const pythonBridge = /^(?:During handling of the above exception|The above exception was the direct cause)/
/** The exception itself, which ends a traceback: `ValueError: bad`, `app.errors.Refused`. */
const pythonException = /^[A-Za-z_][\w.]*(?::|$)/

const goStart = /^(?:panic: |fatal error: |http: panic serving )/
const goLine =
  /^(?:goroutine \d+ \[|\[signal |created by |exit status |panic: |\[recovered\]|rax +0x|\.\.\.additional frames|[\w./*()@~-]+(?:\(.*\))+$)/

type Within = 'nothing' | 'traceback' | 'after_traceback' | 'panic'

/** Remembers what the lines before were part of; one for each stream. */
export function stackTraceRule(): MultilineRule {
  let within: Within = 'nothing'
  return {
    to: 'previous',
    belongs(line) {
      const [belongs, next] = step(within, line)
      within = next
      return belongs
    },
  }
}

/** Whether the line goes on with what was before, and what the next one is then within. */
function step(within: Within, line: string): readonly [boolean, Within] {
  if (pythonStart.test(line)) return [true, 'traceback']
  if (within === 'panic') {
    if (line === '' || indented.test(line) || goLine.test(line)) return [true, 'panic']
  } else if (goStart.test(line)) return [false, 'panic']
  if (within === 'traceback') {
    if (line === '' || indented.test(line)) return [true, 'traceback']
    return pythonException.test(line) ? [true, 'after_traceback'] : [false, 'nothing']
  }
  if (within === 'after_traceback' && (line === '' || pythonBridge.test(line))) return [true, 'after_traceback']
  const goesOn = indented.test(line) || javaCause.test(line) || javaThrown.test(line) || closingBrace.test(line)
  return goesOn ? [true, within] : [false, 'nothing']
}
