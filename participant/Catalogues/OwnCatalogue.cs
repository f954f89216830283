using FedLab.Audit;
using FedLab.Data;
using FedLab.Federation.Catalogues;
using FedLab.Participant.Auditing;
using FedLab.Participant.Configuration;
using FedLab.Proto;
using Google.Protobuf;
using Microsoft.Extensions.Logging;

namespace FedLab.Participant.Catalogues;

/// <summary>
/// What the party publishes of its data. The very bytes that the hash in the audit logs is over are in <c>catalogue.json</c>, so that the institution can read what it lets others know.
/// </summary>
internal sealed class OwnCatalogue
{
    private OwnCatalogue(CatalogueNotice? notice, byte[] hash) => (Notice, Hash) = (notice, hash);

    /// <summary>What the coordinator is told at the beginning of a session; null when what it knows is to stay.</summary>
    public CatalogueNotice? Notice { get; }

    /// <summary>SHA-256 of the catalogue; empty when none is published.</summary>
    public byte[] Hash { get; }

    /// <summary>Makes and signs the catalogue, and records it in the audit log where it differs from the one before.</summary>
    /// <param name="home">The home folder.</param>
    /// <param name="data">The party's rows.</param>
    /// <param name="isOther">Whether they are other rows than the configuration's, as for a scoring: what is published is about those.</param>
    /// <param name="journal">The audit log.</param>
    /// <param name="tell">Shows a line to the person at the terminal.</param>
    /// <param name="logger">The program's log.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    public static async Task<OwnCatalogue> PrepareAsync(ParticipantHome home, OwnData data, bool isOther, ParticipantJournal journal, Action<string> tell, ILogger logger, CancellationToken cancellationToken)
    {
        if (isOther) return new OwnCatalogue(notice: null, []);
        var (catalogue, remarks) = CatalogueBuilder.Build(home.Options.Catalogue, data.Columns, data.RowCount);
        foreach (var remark in remarks)
        {
            Log.CatalogueRemark(logger, remark);
            tell(remark);
        }
        if (catalogue is null)
        {
            if (File.Exists(home.CataloguePath))
            {
                journal.Append(AuditEvent.CatalogueWithdrawn(home.Options.Name));
                await journal.Log.FlushAsync(cancellationToken).ConfigureAwait(false);
                File.Delete(home.CataloguePath);
            }
            return new OwnCatalogue(new CatalogueNotice(), []);
        }
        var text = CanonicalCatalogue.ToBytes(catalogue);
        var hash = CanonicalCatalogue.Hash(catalogue);
        var statement = new CatalogueRecord(Sha256Hash.Of(home.Authority.RawData), home.Options.Name, new Sha256Hash(hash));
        var signature = home.Identity.Sign(statement.SigningBytes());
        if (!File.Exists(home.CataloguePath) || !File.ReadAllBytes(home.CataloguePath).AsSpan().SequenceEqual(text))
        {
            // On record before it leaves, also if the power fails: what the coordinator alone has on record it is accused of.
            journal.Append(AuditEvent.CataloguePublished(statement, signature, catalogue.Features.Count));
            await journal.Log.FlushAsync(cancellationToken).ConfigureAwait(false);
            await AtomicFile.WriteAsync(home.CataloguePath, text, cancellationToken).ConfigureAwait(false);
        }
        tell(Messages.CataloguePublishes(catalogue.Features.Count, home.CataloguePath));
        return new OwnCatalogue(new CatalogueNotice { Catalogue = catalogue.ToByteString(), Signature = ByteString.CopyFrom(signature) }, hash);
    }
}
