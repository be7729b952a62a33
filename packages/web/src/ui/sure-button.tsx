import { useState } from 'react'

interface SureButtonProps {
  /** The verb: "End". */
  readonly word: string
  /** What it is done to, for screen readers. */
  readonly what: string
  readonly onSure: () => void
  readonly disabled?: boolean
}

/** Does what cannot be undone, so the second press does it. */
export function SureButton({ word, what, onSure, disabled = false }: SureButtonProps) {
  const [asked, setAsked] = useState(false)
  if (!asked) {
    return (
      <button
        type="button"
        className="button little"
        disabled={disabled}
        aria-label={`${word} ${what}`}
        onClick={() => setAsked(true)}
      >
        {word}
      </button>
    )
  }
  const really = `Really ${word.toLowerCase()}`
  return (
    <button
      type="button"
      className="button little danger"
      // biome-ignore lint/a11y/noAutofocus: focus stays where the first press was
      autoFocus
      aria-label={`${really} ${what}`}
      onClick={() => {
        setAsked(false)
        onSure()
      }}
      onBlur={() => setAsked(false)}
    >
      {really}
    </button>
  )
}
