// Characters that turn the order of text around could make reported text read as something else, also beside it.
const kReordering = /[\u202a-\u202e\u2066-\u2069]/g;

// Shows them as what they are: "⟨U+202E⟩".
export const withoutReordering = (text: string): string =>
  text.replace(kReordering, (found) => `⟨U+${found.charCodeAt(0).toString(16).toUpperCase()}⟩`);
