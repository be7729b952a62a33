import { Check, Copy } from 'lucide-react'
import { useState } from 'react'

/** Copies a text and says so, aloud too; says how to do it by hand where the browser forbids it. */
export function CopyButton({ text, children = 'Copy' }: { readonly text: string; readonly children?: string }) {
  const [state, setState] = useState<'ready' | 'copied' | 'forbidden'>('ready')
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text)
      setState('copied')
    } catch {
      // only allowed on https and localhost
      setState('forbidden')
    }
    setTimeout(() => setState('ready'), 3000)
  }
  const Icon = state === 'copied' ? Check : Copy
  return (
    <button type="button" className="link small nowrap" onClick={() => void copy()}>
      <Icon className="icon" aria-hidden />{' '}
      <span aria-live="polite">
        {state === 'ready' ? children : state === 'copied' ? 'Copied' : 'Select and press Ctrl C'}
      </span>
    </button>
  )
}
