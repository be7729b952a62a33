/** A watch glass with a water line. */
export function Mark({ size = 20 }: { readonly size?: number }) {
  return (
    <svg className="mark" width={size} height={size} viewBox="0 0 20 20" aria-hidden>
      <circle cx="10" cy="10" r="8.6" fill="none" stroke="currentColor" strokeWidth="1.8" />
      <path fill="currentColor" d="M4.2 10.9c1.9-1.9 3.9-1.9 5.8 0s3.9 1.9 5.8 0A5.9 5.9 0 0 1 4.2 10.9Z" />
      <path stroke="currentColor" strokeWidth="1.6" strokeLinecap="round" d="M10 4.6v2.2" />
    </svg>
  )
}
