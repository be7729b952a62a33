import type { CompletionSource } from '@codemirror/autocomplete'
import type { Extension } from '@codemirror/state'
import { lazy, Suspense } from 'react'
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

/** A query with completion and errors in place; a plain text area of equal size until the editor has come, or if it never does. */
export function QueryEditor(props: QueryEditorProps) {
  return (
    <div className="query-editor">
      <Suspense fallback={<PlainEditor {...props} />}>
        <CodeEditor {...props} />
      </Suspense>
    </div>
  )
}

function PlainEditor({ name, value, onChange, onRun, placeholder, isFile = false }: QueryEditorProps) {
  return (
    <textarea
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
