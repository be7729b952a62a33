// What is wrong with a text, as the editor marks it and the page says it. No React here.
import type { RuleCheck } from '@tidewatch/api/rules.ts'
import type { EditorMark } from '../../../ui/query-editor.tsx'

type RuleProblem = RuleCheck['problems'][number]

/** The message without file and place, which the editor shows. */
export const textOfProblem = ({ message }: RuleProblem): string => message.replace(/^rules\.yml(?::\d+)*:? ?/, '')

export function placeOf({ line, column }: RuleProblem): string {
  if (line === undefined) return 'The file:'
  return column === undefined ? `Line ${line}:` : `Line ${line}, column ${column}:`
}

export const marksOf = (problems: readonly RuleProblem[]): EditorMark[] =>
  problems.map((problem) => ({
    line: problem.line ?? 1,
    column: problem.column ?? 1,
    message: textOfProblem(problem),
  }))
