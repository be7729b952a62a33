import type { CompletionSource } from '@codemirror/autocomplete'
import type { Extension } from '@codemirror/state'
import { lazy, type RefObject, Suspense, useLayoutEffect, useRef } from 'react'
import './query-editor.css'

/** What a language brings to the editor; made in a part that is loaded with it. */
export interface EditorLanguage {
  readonly extension: Extension
  readonly sources?: readonly CompletionSource[]
}

/** A fault in the text, at a place counted from 1. */
export interface EditorMark {
  readonly line: number
  readonly column: number
  readonly message: string
}

export interface QueryEditorProps {
  readonly name: string
  readonly value: string
  readonly onChange: (text: string) => void
  readonly onRun: () => void
  readonly placeholder: string
  /** Loads the language; the same function each time. */
  readonly language: () => Promise<EditorLanguage>
  readonly autoFocus?: boolean
  /** A whole file: Enter breaks the line, only Ctrl Enter runs, lines are numbered. */
  readonly isFile?: boolean
  readonly marks?: readonly EditorMark[]
}

const CodeEditor = lazy(async () => ({ default: (await import('./code-editor.tsx')).CodeEditor }))

/** Where somebody was writing when the editor took the place of the plain text area. */
interface Caret {
  readonly from: number
  readonly to: number
}

/** A query with completion and errors in place; a plain text area of equal size until the editor has come, or if it never does. */
export function QueryEditor(props: QueryEditorProps) {
  const caret = useRef<Caret | undefined>(undefined)
  return (
    <div className="query-editor">
      <Suspense fallback={<PlainEditor {...props} caret={caret} />}>
        <CodeEditor {...props} caret={caret} />
      </Suspense>
    </div>
  )
}

/** A query editor, and the place where whoever writes goes on. */
export interface EditorPartProps extends QueryEditorProps {
  readonly caret: RefObject<Caret | undefined>
}

function PlainEditor({ name, value, onChange, onRun, placeholder, isFile = false, caret }: EditorPartProps) {
  const area = useRef<HTMLTextAreaElement>(null)
  useLayoutEffect(() => {
    const element = area.current
    caret.current = undefined
    return () => {
      if (element !== null && document.activeElement === element)
        caret.current = { from: element.selectionStart, to: element.selectionEnd }
    }
  }, [caret])
  return (
    <textarea
      ref={area}
      className="query-plain"
      aria-label={name}
      placeholder={placeholder}
      spellCheck={false}
      autoCapitalize="none"
      rows={Math.max(1, value.split('\n').length)}
      value={value}
      onChange={(event) => onChange(event.target.value)}
      onKeyDown={(event) => {
        const runs = isFile ? event.ctrlKey || event.metaKey : !event.shiftKey
        if (event.key !== 'Enter' || !runs) return
        event.preventDefault()
        onRun()
      }}
    />
  )
}
