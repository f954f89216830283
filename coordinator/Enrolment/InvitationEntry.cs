using FedLab.Federation.Channels;
using FedLab.Federation.Identity;

namespace FedLab.Coordinator.Enrolment;

/// <summary>An invitation in <c>coordinator.json</c>, for labs whose homes are prepared before anything runs. It is taken over once, at a start.</summary>
/// <param name="Name">Whom it is for.</param>
/// <param name="TokenSha256">SHA-256 of the token's secret, hexadecimal.</param>
/// <param name="Expires">Until when it can be redeemed.</param>
internal sealed record InvitationEntry(string Name, string TokenSha256, DateTimeOffset Expires)
{
    private const int HashDigits = 2 * LabFingerprint.Length;

    /// <summary>The hash as bytes.</summary>
    internal byte[] TokenHash => Convert.FromHexString(TokenSha256);

    /// <summary>Checks the fields.</summary>
    /// <param name="entries">The entries.</param>
    /// <param name="invalid">Makes the exception for a field and a problem.</param>
    internal static void Check(IReadOnlyList<InvitationEntry> entries, Func<string, string, Exception> invalid)
    {
        for (var i = 0; i < entries.Count; i++)
        {
            if (!EnvelopeHeader.IsName(entries[i].Name)) throw invalid($"invitations[{i}].name", Messages.MustBeName(entries[i].Name));
            if (entries[i].TokenSha256.Length != HashDigits || !entries[i].TokenSha256.All(char.IsAsciiHexDigit)) throw invalid($"invitations[{i}].tokenSha256", Messages.MustBeHash);
            if (entries.Take(i).Any(other => string.Equals(other.TokenSha256, entries[i].TokenSha256, StringComparison.OrdinalIgnoreCase))) throw invalid($"invitations[{i}].tokenSha256", Messages.Twice(entries[i].TokenSha256));
        }
    }
}
