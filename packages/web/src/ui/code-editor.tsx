import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  closeCompletion,
  completionKeymap,
} from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { bracketMatching, HighlightStyle, syntaxHighlighting } from '@codemirror/language'
import { type Diagnostic, lintKeymap, setDiagnostics } from '@codemirror/lint'
import { Annotation, Compartment, EditorState, Prec, type Text } from '@codemirror/state'
import { EditorView, keymap, lineNumbers, placeholder as placeholderText } from '@codemirror/view'
import { tags } from '@lezer/highlight'
import { useEffect, useLayoutEffect, useRef } from 'react'
import { flushSync } from 'react-dom'
import type { EditorMark, EditorPartProps, QueryEditorProps } from './query-editor.tsx'

const colours = HighlightStyle.define([
  { tag: [tags.function(tags.variableName), tags.standard(tags.variableName)], color: 'var(--syn-fn)' },
  { tag: [tags.labelName, tags.propertyName, tags.attributeName], color: 'var(--syn-label)' },
  { tag: tags.string, color: 'var(--syn-str)' },
  { tag: [tags.number, tags.literal], color: 'var(--syn-num)' },
  { tag: [tags.keyword, tags.modifier, tags.operatorKeyword], color: 'var(--syn-key)' },
  { tag: tags.comment, color: 'var(--syn-dim)' },
])

/** A change that the page asked for, which need not be told to it. */
const byPage = Annotation.define<true>()

/** CodeMirror over the text: Enter and Ctrl Enter run, Shift Enter breaks the line, Tab leaves. Loaded on demand. */
export function CodeEditor(props: EditorPartProps) {
  const host = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView | undefined>(undefined)
  const latest = useRef(props)
  useLayoutEffect(() => {
    latest.current = props
  })
  useLayoutEffect(() => {
    if (host.current === null) return
    const language = new Compartment()
    const editor = new EditorView({
      parent: host.current,
      state: EditorState.create({ doc: latest.current.value, extensions: extensions(latest, language) }),
    })
    view.current = editor
    let isOpen = true
    const load = async () => {
      const loaded = await latest.current.language()
      if (isOpen) editor.dispatch({ effects: language.reconfigure(loaded.extension) })
    }
    // without its language the editor still edits and runs; the next visit tries again
    load().catch(() => {})
    // it comes when it is loaded: a dialog that was opened meanwhile keeps the focus
    const isBehind = editor.dom.closest('[aria-hidden=true], [inert]') !== null
    const writing = latest.current.caret.current
    latest.current.caret.current = undefined
    if (writing !== undefined) {
      const end = editor.state.doc.length
      editor.dispatch({ selection: { anchor: Math.min(writing.from, end), head: Math.min(writing.to, end) } })
    }
    if ((latest.current.autoFocus === true || writing !== undefined) && !isBehind) editor.focus()
    return () => {
      isOpen = false
      editor.destroy()
      view.current = undefined
    }
  }, [])
  const { value, marks } = props
  useEffect(() => {
    const editor = view.current
    if (editor !== undefined && marks !== undefined)
      editor.dispatch(setDiagnostics(editor.state, diagnosticsOf(marks, editor.state.doc)))
  }, [marks])
  // before anything else is typed: a text that is set later would be of the keys before
  useLayoutEffect(() => {
    const editor = view.current
    if (editor === undefined || editor.state.doc.toString() === value) return
    editor.dispatch({
      changes: { from: 0, to: editor.state.doc.length, insert: value },
      selection: { anchor: value.length },
      annotations: byPage.of(true),
    })
  }, [value])
  return <div ref={host} />
}

/** From its place to the end of the word there. A place behind the text, which was changed meanwhile, is its end. */
function diagnosticsOf(marks: readonly EditorMark[], doc: Text): Diagnostic[] {
  return marks.map(({ line: number, column, message }) => {
    const line = doc.line(Math.max(1, Math.min(number, doc.lines)))
    const at = Math.min(Math.max(0, column - 1), line.length)
    // blanks before what is meant are passed over
    const [, blanks = '', word = ''] = /^(\s*)(\S*)/.exec(line.text.slice(at)) ?? []
    const from = line.from + at + (word === '' ? 0 : blanks.length)
    return { from, to: Math.max(from + word.length, from), severity: 'error', message }
  })
}

function extensions(latest: { readonly current: QueryEditorProps }, language: Compartment) {
  const { isFile = false } = latest.current
  const run = (editor: EditorView) => {
    closeCompletion(editor)
    latest.current.onRun()
    return true
  }
  return [
    history(),
    ...(isFile ? [lineNumbers()] : []),
    bracketMatching(),
    closeBrackets(),
    autocompletion({ icons: false, maxRenderedOptions: 100 }),
    syntaxHighlighting(colours),
    EditorView.lineWrapping,
    placeholderText(latest.current.placeholder),
    EditorView.contentAttributes.of({
      'aria-label': latest.current.name,
      'aria-multiline': 'true',
      autocapitalize: 'none',
      spellcheck: 'false',
    }),
    EditorView.updateListener.of((update) => {
      if (!update.docChanged || update.transactions.some((change) => change.annotation(byPage) === true)) return
      // as for a text area of React's: what is asked by the next key or click is what stands here
      flushSync(() => latest.current.onChange(update.state.doc.toString()))
    }),
    Prec.high(keymap.of([{ key: 'Mod-Enter', run }])),
    keymap.of([
      ...closeBracketsKeymap,
      ...completionKeymap,
      // a list of completions takes Enter before; where it has just opened, nobody has seen it and the query is meant
      ...(isFile ? [] : [{ key: 'Enter', run }]),
      ...historyKeymap,
      ...lintKeymap,
      ...defaultKeymap,
    ]),
    language.of([]),
  ]
}
