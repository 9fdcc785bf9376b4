// Keeps in this browser who sits here. It is said, not proved: nothing is allowed or refused on its account.
const YEAR_S = 365 * 24 * 3600;

export default function (component) {
  const person = component.data?.person;
  if (typeof person === "string" && /^[a-z0-9-]{1,40}$/.test(person)) {
    document.cookie = `soc_person=${person}; path=/; max-age=${YEAR_S}; SameSite=Lax`;
  }
}
