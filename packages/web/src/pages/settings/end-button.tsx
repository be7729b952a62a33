import { useState } from 'react'

/** Ends a credential. It cannot be undone, so the second press does it. */
export function EndButton({ what, onEnd }: { readonly what: string; readonly onEnd: () => void }) {
  const [asked, setAsked] = useState(false)
  if (!asked) {
    return (
      <button type="button" className="button little" aria-label={`End ${what}`} onClick={() => setAsked(true)}>
        End
      </button>
    )
  }
  return (
    <button
      type="button"
      className="button little danger"
      // biome-ignore lint/a11y/noAutofocus: focus stays where the first press was
      autoFocus
      aria-label={`Really end ${what}`}
      onClick={onEnd}
      onBlur={() => setAsked(false)}
    >
      Really end
    </button>
  )
}
