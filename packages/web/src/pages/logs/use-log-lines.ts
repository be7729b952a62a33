// One search and what is accepted after it began, as a list.
import { useCallback, useEffect, useLayoutEffect, useReducer, useRef, useState } from 'react'
import { problemOf } from '../../data/client.ts'
import { openLogTail, streamLogSearch } from '../../data/log-stream.ts'
import { type LogQuestion, type LogSpan, logSpanOf } from '../../data/logs.ts'
import { type LinesState, noLines, reduceLines } from './lines-state.ts'

/** `lost`: the browser tries again by itself; `refused`: it does not. */
export type TailState = 'off' | 'connecting' | 'on' | 'lost' | 'refused'

export interface LogLines {
  readonly state: LinesState
  readonly span: LogSpan
  readonly tail: TailState
  readonly cancel: () => void
  readonly more: () => void
  /** Shows what waits. */
  readonly show: () => void
}

const firstLines = 500
const moreLines = 1000
/** What was accepted while the tail was not connected. */
const caughtUpLines = 200

interface LinesOptions {
  /** Whether what is accepted from now on is listened to. */
  readonly tail: boolean
  /** New lines wait: somebody reads further down, or paused. */
  readonly held: boolean
}

/** The search of a question; asked anew whenever the question is another. */
export function useLogLines(question: LogQuestion, { tail, held }: LinesOptions): LogLines {
  const [state, dispatch] = useReducer(reduceLines, noLines)
  const [span, setSpan] = useState(() => logSpanOf(question.range, Date.now()))
  const running = useRef<AbortController | undefined>(undefined)
  const search = useCallback(
    async (asked: LogSpan, { limit, cursor }: { limit: number; cursor?: string | undefined }) => {
      running.current?.abort()
      const controller = new AbortController()
      running.current = controller
      const { signal } = controller
      const startedMs = performance.now()
      try {
        for await (const event of streamLogSearch(question, { span: asked, limit, cursor, signal })) {
          if (signal.aborted) return
          dispatch({ type: 'event', event, tookMs: performance.now() - startedMs })
        }
      } catch (error) {
        if (!signal.aborted) dispatch({ type: 'fail', problem: problemOf(error) })
      }
    },
    [question],
  )
  useEffect(() => {
    const asked = logSpanOf(question.range, Date.now())
    setSpan(asked)
    dispatch({ type: 'begin', more: false })
    void search(asked, { limit: firstLines })
    return () => running.current?.abort()
  }, [question, search])
  const tailState = useTail(question, { tail, held, dispatch })
  return {
    state,
    span,
    tail: tailState,
    cancel: () => {
      running.current?.abort()
      dispatch({ type: 'cancel' })
    },
    more: () => {
      dispatch({ type: 'begin', more: true })
      void search(span, { limit: moreLines, cursor: state.cursor })
    },
    show: () => dispatch({ type: 'show' }),
  }
}

interface TailOptions extends LinesOptions {
  readonly dispatch: (action: Parameters<typeof reduceLines>[1]) => void
}

function useTail(question: LogQuestion, { tail, held, dispatch }: TailOptions): TailState {
  const [tailState, setTailState] = useState<TailState>('off')
  const isHeld = useRef(held)
  useLayoutEffect(() => {
    isHeld.current = held
  })
  useEffect(() => {
    if (!tail) {
      setTailState('off')
      return
    }
    setTailState('connecting')
    // from the search's begin to the connection, and whenever it was lost, lines were accepted that nobody told of
    let missingFromMs = Date.now() - slackMs
    const controller = new AbortController()
    const close = openLogTail(question, {
      onOpen: () => {
        setTailState('on')
        void catchUp(question, missingFromMs, controller.signal, (lines) =>
          dispatch({ type: 'arrived', lines, share: 1, leftOut: 0, held: isHeld.current }),
        )
      },
      onLines: ({ lines, share, matched }) => {
        missingFromMs = Date.now() - slackMs
        dispatch({ type: 'arrived', lines, share, leftOut: matched - lines.length, held: isHeld.current })
      },
      onLost: (final) => setTailState(final ? 'refused' : 'lost'),
    })
    return () => {
      close()
      controller.abort()
    }
  }, [question, tail, dispatch])
  return tailState
}

const slackMs = 5000

async function catchUp(
  question: LogQuestion,
  fromMs: number,
  signal: AbortSignal,
  onLines: (lines: LinesState['lines']) => void,
): Promise<void> {
  const { toMs } = logSpanOf({ kind: 'last', ms: 1 }, Date.now())
  try {
    for await (const event of streamLogSearch(question, { span: { fromMs, toMs }, limit: caughtUpLines, signal }))
      if (event.type === 'lines' && !signal.aborted) onLines(event.lines)
  } catch {
    // the search itself tells what is wrong with the query or the server
  }
}
