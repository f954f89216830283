using System.Security.Cryptography;
using FedLab.Federation.Alignment;
using FedLab.Federation.Channels;
using FedLab.Federation.Publication;
using FedLab.Federation.Scoring;

namespace FedLab.Federation.Runs;

/// <summary>Scores new rows with a published model: aligns them, then asks every source for one bit a row at its nodes.</summary>
internal static class ScoringRun
{
    public static async Task<PartyRunResult> RunAsync(PartyRunContext context, PartyChannel channel, CancellationToken cancellationToken)
    {
        var meter = await RunMeter.OpenAsync(context, channel, cancellationToken).ConfigureAwait(false);
        await using var measured = meter.ConfigureAwait(false);
        var share = await LoadShareAsync(context, cancellationToken).ConfigureAwait(false);
        await Hello.ExchangeAsync(channel, context.Spec, [], 0, cancellationToken).ConfigureAwait(false);
        var isActive = context.Spec.Active == channel.Self;

        meter.Phase("alignment");
        var alignment = isActive
            ? await AlignmentProtocol.RunActiveAsync(context, channel, cancellationToken).ConfigureAwait(false)
            : await AlignmentProtocol.RunSourceAsync(context, channel, cancellationToken).ConfigureAwait(false);
        context.Journal.Record("align.done", new Dictionary<string, object> { ["ownRows"] = context.Data.Keys.Count, ["alignedRows"] = alignment.AlignedRows });

        meter.Phase("scoring", alignment.AlignedRows);
        var rows = context.Data.Features.TakeRows(alignment.OwnRows);
        double[]? scores = null;
        if (isActive)
        {
            var sources = context.Spec.Sources.Select(source => source.Name).ToArray();
            var probabilities = await JointScorer.ScoreAsync(share.Ensemble!, share.Records, rows, sources, channel, meter, cancellationToken).ConfigureAwait(false);
            scores = new double[context.Data.Keys.Count];
            Array.Fill(scores, double.NaN);
            for (var i = 0; i < probabilities.Length; i++) scores[alignment.OwnRows[i]] = probabilities[i];
            await RunReport.SaveScoresAsync(context, scores.Select((score, row) => (row, double.IsNaN(score) ? (double?)null : score)), cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await ScoreResponder.ServeAsync(share.Records, rows, context.Spec.Active, channel, cancellationToken).ConfigureAwait(false);
        }
        meter.Close();
        await RunReport.Make(context, alignment, null, meter).SaveAsync(context.Store, cancellationToken).ConfigureAwait(false);
        context.Journal.Record("scoring.done", new Dictionary<string, object> { ["rows"] = alignment.AlignedRows, ["manifest"] = context.Spec.ManifestHash! });
        return new PartyRunResult(null, new Dictionary<string, byte[]>(StringComparer.Ordinal), alignment.AlignedRows, meter.Seconds, meter.Bytes, scores);
    }

    /// <summary>Loads this party's share of the model and checks that it is the one that the manifest binds.</summary>
    private static async Task<PartyShare> LoadShareAsync(PartyRunContext context, CancellationToken cancellationToken)
    {
        var store = context.ModelStore ?? throw ProtocolErrors.ModelShareMissing();
        var manifestBytes = await store.LoadAsync(Manifest.FileName, cancellationToken).ConfigureAwait(false) ?? throw ProtocolErrors.ModelManifestMissing();
        if (Convert.ToHexStringLower(SHA256.HashData(manifestBytes)) != context.Spec.ManifestHash) throw ProtocolErrors.ModelManifestOther();
        var shareBytes = await store.LoadAsync(PartyShare.FileName, cancellationToken).ConfigureAwait(false) ?? throw ProtocolErrors.ModelShareLost();
        var line = Manifest.Parse(manifestBytes).Parties.SingleOrDefault(party => party.Name == context.Identity.Name) ?? throw ProtocolErrors.NotInModel();
        if (Convert.ToHexStringLower(SHA256.HashData(shareBytes)) != line.ShareHash) throw ProtocolErrors.ModelShareAltered();
        var share = PartyShare.Parse(shareBytes);
        foreach (var feature in share.Records.Select(record => record.Feature).Distinct(StringComparer.Ordinal))
        {
            if (!context.Data.Features.Columns.Any(column => column.Name == feature)) throw ProtocolErrors.ModelColumnMissing(context.Identity.Name, feature);
        }
        if (context.Spec.Active == context.Identity.Name && share.Ensemble is null) throw ProtocolErrors.ModelShareWithoutTrees();
        return share;
    }
}
