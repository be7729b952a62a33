import { ApiFailure, problemOf } from '../../data/client.ts'
import { ProblemBox } from '../../ui/problem-box.tsx'
import { markedQuery, queryProblem } from './model.ts'
import { letterOf } from './rows.ts'

interface QueryErrorProps {
  readonly error: Error
  readonly query: string
  /** Undefined where there is only one query. */
  readonly index: number | undefined
  readonly onAgain: () => void
}

/** Why a query has no answer: the words, the place in the query, the way out. */
export function QueryError({ error, query, index, onAgain }: QueryErrorProps) {
  const problem = problemOf(error)
  const place = queryProblem(problem.what, query, error instanceof ApiFailure ? error.span : undefined)
  const marked = markedQuery(query, place)
  const retryable = !(error instanceof ApiFailure) || error.retryable
  return (
    <ProblemBox problem={{ ...problem, what: `${index === undefined ? '' : `${letterOf(index)}: `}${place.message}` }}>
      {marked !== undefined && (
        <code className="marked-query break">
          {marked[0]}
          <mark>{marked[1]}</mark>
          {marked[2]}
        </code>
      )}
      {retryable && (
        <button type="button" className="button little" onClick={onAgain}>
          Try again
        </button>
      )}
    </ProblemBox>
  )
}
