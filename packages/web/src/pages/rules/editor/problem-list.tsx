import type { RuleCheck } from '@tidewatch/api/rules.ts'
import { Glyph } from '../../../ui/glyph.tsx'
import { placeOf, textOfProblem } from './problems.ts'

/** Everything that is wrong with the text, with its place. */
export function ProblemList({ problems }: { readonly problems: RuleCheck['problems'] }) {
  return (
    <ul className="rule-problems" aria-label="What is wrong">
      {problems.map((problem) => (
        <li key={problem.message}>
          <Glyph state="critical" name="problem" />
          <span className="break">
            <span className="label">{placeOf(problem)}</span> {textOfProblem(problem)}
          </span>
        </li>
      ))}
    </ul>
  )
}
