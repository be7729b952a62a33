import type { ReactNode } from 'react'
import { Glyph } from './glyph.tsx'
import './problem-box.css'

export interface ProblemText {
  /** What is wrong, one sentence. */
  readonly what: string
  /** Where: a place in a file or query, a field, an address. */
  readonly where?: string | undefined
  /** The way out, in the imperative. */
  readonly fix?: string | undefined
  readonly requestId?: string | undefined
}

type Tone = 'critical' | 'warning' | 'info'

/** What, where, way out; stands in place of the part that failed. `children` are its buttons. */
export function ProblemBox({
  problem,
  tone = 'critical',
  children,
}: {
  problem: ProblemText
  tone?: Tone
  children?: ReactNode
}) {
  return (
    <div className={`problem ${tone}`} role={tone === 'critical' ? 'alert' : 'status'}>
      <Glyph state={tone} name={tone === 'critical' ? 'problem' : tone} />
      <div className="grow break">
        <span className="label">{asSentence(problem.what)}</span>{' '}
        <span className="second">{[problem.where, problem.fix].map(asSentence).join(' ')}</span>
        {children !== undefined && <div className="problem-actions">{children}</div>}
        {problem.requestId !== undefined && <div className="third small">request {problem.requestId}</div>}
      </div>
    </div>
  )
}

/** With a full stop, unless it ends with a mark of its own. */
function asSentence(text: string | undefined): string {
  return text === undefined || text === '' || /[.!?:;"”)\]]$/.test(text) ? (text ?? '') : `${text}.`
}
