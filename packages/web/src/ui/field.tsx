import type { InputHTMLAttributes, ReactNode } from 'react'

interface TextFieldProps extends Omit<InputHTMLAttributes<HTMLInputElement>, 'className' | 'onChange'> {
  readonly label: string
  readonly value: string
  readonly onValue: (value: string) => void
  /** What is expected, below the input. */
  readonly note?: ReactNode
}

/** An input with its name above. */
export function TextField({ label, onValue, note, ...input }: TextFieldProps) {
  return (
    <label className="field">
      <span className="label">{label}</span>
      <input className="input" {...input} onChange={(event) => onValue(event.target.value)} />
      {note}
    </label>
  )
}

interface SelectFieldProps<T extends string | number> {
  readonly label: string
  readonly value: T
  readonly options: readonly { readonly value: T; readonly title: string }[]
  readonly onValue: (value: T) => void
}

/** One of a few, with its name above. */
export function SelectField<T extends string | number>({ label, value, options, onValue }: SelectFieldProps<T>) {
  return (
    <label className="field">
      <span className="label">{label}</span>
      <select
        className="input"
        value={value}
        onChange={(event) => {
          const chosen = options[event.target.selectedIndex]
          if (chosen !== undefined) onValue(chosen.value)
        }}
      >
        {options.map((one) => (
          <option key={one.value} value={one.value}>
            {one.title}
          </option>
        ))}
      </select>
    </label>
  )
}
