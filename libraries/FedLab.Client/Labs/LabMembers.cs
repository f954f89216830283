using FedLab.Federation.Identity;
using FedLab.Proto;
using Google.Protobuf;

namespace FedLab.Client.Labs;

/// <summary>What a lead does with the parties of a project: invite, list, put out.</summary>
/// <param name="lab">The connection.</param>
public sealed class LabMembers(LabConnection lab)
{
    /// <summary>
    /// Invites a party. The token's secret is made here and only its hash is sent; the fingerprint in it is that of the authority
    /// that this lead was given, whatever the coordinator says.
    /// </summary>
    /// <param name="party">Its name in the project.</param>
    /// <param name="address">Where the party reaches the coordinator.</param>
    /// <param name="lifetime">How long the token is good.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The token, and until when it is good.</returns>
    /// <exception cref="ClientException">The coordinator cannot be reached or refuses.</exception>
    public async Task<(EnrolmentToken Token, DateTimeOffset Expires)> InviteAsync(string party, Uri address, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        var token = EnrolmentToken.Create(LabCertificates.NameOf(lab.Authority), address, LabFingerprint.Of(lab.Authority));
        var request = new InviteRequest { Party = party, TokenSha256 = ByteString.CopyFrom(token.Hash), LifetimeSeconds = (long)lifetime.TotalSeconds };
        var member = await lab.AskAsync((client, options) => client.InviteAsync(request, options), cancellationToken);
        return (token, DateTimeOffset.FromUnixTimeMilliseconds(member.UntilUnixMs));
    }

    /// <summary>Puts a party out at once.</summary>
    /// <param name="party">Its name.</param>
    /// <param name="reason">Why, for the people of the project; may be empty.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ClientException">There is no such party, or the coordinator cannot be reached or refuses.</exception>
    public Task<Member> RevokeAsync(string party, string reason, CancellationToken cancellationToken) =>
        lab.AskAsync((client, options) => client.RevokeAsync(new RevokeRequest { Party = party, Reason = reason }, options), cancellationToken);

    /// <summary>Everybody who is invited, enrolled or revoked.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ClientException">The coordinator cannot be reached or refuses.</exception>
    public Task<ListMembersReply> ListAsync(CancellationToken cancellationToken) =>
        lab.AskAsync((client, options) => client.ListMembersAsync(new ListMembersRequest(), options), cancellationToken);
}
