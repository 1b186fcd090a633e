import './Brand.css';

export function Brand() {
  return (
    <span class="brand">
      <svg viewBox="0 0 16 16" width="18" height="18" aria-hidden="true">
        <rect width="16" height="16" rx="3" /><path d="M5 12V4h6.5M5 8h5" />
      </svg>
      Flawless
    </span>
  );
}
