using FedLab.Proto;

namespace FedLab.Client.Labs;

// What the institutions of the lab have published of their data.
public sealed partial class LabConnection
{
    /// <summary>The institutions of the lab and what they have published of their data, titles in the language of the current UI culture.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ClientException">The coordinator cannot be reached, refuses these keys, or sends what no catalogue may hold or what its institution has not signed.</exception>
    public async Task<IReadOnlyList<Institution>> ListInstitutionsAsync(CancellationToken cancellationToken)
    {
        using var call = _client.ListCatalogues(new ListCataloguesRequest(), deadline: Deadline(), cancellationToken: cancellationToken);
        var institutions = new InstitutionReader(_address.Authority, _authority);
        while (await NextAsync(call.ResponseStream, cancellationToken)) institutions.Add(call.ResponseStream.Current);
        return institutions.All;
    }
}
