using System.Security.Cryptography;
using System.Text;

namespace FedLab.Federation.Runs;

/// <summary>
/// Secret salts for the hashes that a party publishes of its own things: a bare hash of a short list of thresholds or names
/// could be guessed. They are derived from the content of the party's own file, which nobody else has, so that the same data
/// give the same manifest, to the byte.
/// </summary>
internal static class Salt
{
    public static byte[] Derive(PartyRunContext context, string purpose) =>
        HMACSHA256.HashData(context.Data.ContentDigest, (byte[])[.. Encoding.UTF8.GetBytes($"fedlab salt v1\n{purpose}\n"), .. RunSettings.DefinitionHash(context.Spec)]);
}
