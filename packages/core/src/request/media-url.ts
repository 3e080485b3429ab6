// What a media URL stands for, apart from its signature.

/** The signatures that S3, Google Cloud Storage, CloudFront and their like put into a query, in small letters. */
const SIGNING = /^(x-amz-.*|x-goog-.*|signature|sig|expires|key-pair-id|awsaccesskeyid|googleaccessid)$/;

/** Azure's shared access signature; these short names are its own only where its version and its signature are, too. */
const AZURE = new Set(
  "sv ss srt sr st se sp sip spr sig skoid sktid skt ske sks skv saoid suoid scid sdd ses".split(" "),
);

/** A URL without login, fragment and signature, in two parts: the rest of its query may hold a secret. */
export function unsigned(url: string): { place: string; query: string } {
  const { origin, pathname, search } = new URL(url);
  const names = new URLSearchParams(search);
  const isAzure = names.has("sv") && names.has("sig");
  const isCloudFront = names.has("Key-Pair-Id") && names.has("Signature");
  // As it was written: two spellings of one query are rarer than hosts that tell them apart.
  const counts = (part: string): boolean => {
    const [name = ""] = new URLSearchParams(part).keys();
    return (
      part !== "" &&
      !SIGNING.test(name.toLowerCase()) &&
      !(isAzure && AZURE.has(name)) &&
      !(isCloudFront && name === "Policy")
    );
  };
  return { place: origin + pathname, query: search.slice(1).split("&").filter(counts).join("&") };
}
