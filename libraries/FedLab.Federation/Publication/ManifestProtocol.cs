using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using FedLab.Federation.Alignment;
using FedLab.Federation.Channels;
using FedLab.Federation.Experiments;
using FedLab.Federation.Runs;
using FedLab.Federation.Wire;
using FedLab.Learning;

namespace FedLab.Federation.Publication;

/// <summary>What all parties publish together.</summary>
/// <param name="Manifest">The manifest's bytes.</param>
/// <param name="Signatures">Signatures over them by party; at a source only its own.</param>
internal sealed record SignedManifest(byte[] Manifest, IReadOnlyDictionary<string, byte[]> Signatures);

/// <summary>Every source contributes its line; the active party writes the manifest; every party checks and signs it.</summary>
internal static class ManifestProtocol
{
    private static readonly JsonSerializerOptions LineFormat = new() { MaxDepth = 4, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true };

    /// <summary>The active party's side.</summary>
    public static async Task<SignedManifest> PublishAsync(PartyRunContext context, PartyChannel channel, RunSettings settings, AlignmentResult alignment, PartyShare share, BinaryMetrics? metrics, CancellationToken cancellationToken)
    {
        var sources = context.Spec.Sources.Select(source => source.Name).ToArray();
        var lines = new List<ManifestParty> { Line(context, share) };
        foreach (var source in sources)
        {
            using var payload = await channel.ReceiveAsync(source, Steps.Contribution, cancellationToken).ConfigureAwait(false);
            lines.Add(ReadLine(payload, source, context.Spec));
        }
        var manifest = new Manifest
        {
            Experiment = context.Spec.Name,
            Purpose = context.Spec.Purpose,
            Model = context.Spec.Model,
            SpecHash = Convert.ToHexStringLower(RunSettings.DefinitionHash(context.Spec)),
            Settings = settings.ToSettings(),
            Parties = [.. context.Spec.Parties.Select(party => lines.Single(line => line.Name == party.Name))],
            AlignedRows = alignment.AlignedRows,
            TrainingRows = alignment.TrainingRows,
            TestRows = alignment.AlignedRows - alignment.TrainingRows,
            Trees = share.Ensemble!.Trees.Count,
            Metrics = metrics,
        };
        var bytes = manifest.ToBytes();
        var signatures = new SortedDictionary<string, byte[]>(StringComparer.Ordinal) { [channel.Self] = context.Identity.Sign(bytes) };
        foreach (var source in sources) await channel.SendAsync(source, Steps.Manifest, PayloadBuffer.Of(bytes), cancellationToken).ConfigureAwait(false);
        foreach (var source in sources)
        {
            using var payload = await channel.ReceiveAsync(source, Steps.ManifestSignature, cancellationToken).ConfigureAwait(false);
            var signature = payload.ToArray();
            if (!context.Directory.Verify(source, bytes, signature)) throw ProtocolErrors.ManifestSignature(source);
            signatures.Add(source, signature);
        }
        return await KeepAsync(context, share, bytes, signatures, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A source's side.</summary>
    public static async Task<SignedManifest> SignAsync(PartyRunContext context, PartyChannel channel, PartyShare share, CancellationToken cancellationToken)
    {
        var line = Line(context, share);
        await channel.SendAsync(context.Spec.Active, Steps.Contribution, PayloadBuffer.Of(JsonSerializer.SerializeToUtf8Bytes(line)), cancellationToken).ConfigureAwait(false);
        using var payload = await channel.ReceiveAsync(context.Spec.Active, Steps.Manifest, cancellationToken).ConfigureAwait(false);
        var bytes = payload.ToArray();
        var manifest = Manifest.Parse(bytes);
        var own = manifest.Parties.SingleOrDefault(party => party.Name == channel.Self) ?? throw ProtocolErrors.ManifestWithoutParty();
        if (!JsonSerializer.SerializeToUtf8Bytes(own).AsSpan().SequenceEqual(JsonSerializer.SerializeToUtf8Bytes(line))) throw ProtocolErrors.ManifestContradicts();
        if (manifest.SpecHash != Convert.ToHexStringLower(RunSettings.DefinitionHash(context.Spec))) throw ProtocolErrors.ManifestOfOtherExperiment();
        var signature = context.Identity.Sign(bytes);
        var signed = await KeepAsync(context, share, bytes, new Dictionary<string, byte[]>(StringComparer.Ordinal) { [channel.Self] = signature }, cancellationToken).ConfigureAwait(false);
        await channel.SendAsync(context.Spec.Active, Steps.ManifestSignature, PayloadBuffer.Of(signature), cancellationToken).ConfigureAwait(false);
        return signed;
    }

    private static async Task<SignedManifest> KeepAsync(PartyRunContext context, PartyShare share, byte[] manifest, IReadOnlyDictionary<string, byte[]> signatures, CancellationToken cancellationToken)
    {
        await context.Store.SaveAsync(PartyShare.FileName, share.ToBytes(), cancellationToken).ConfigureAwait(false);
        await context.Store.SaveAsync(Manifest.FileName, manifest, cancellationToken).ConfigureAwait(false);
        context.Journal.Record("model.built", new Dictionary<string, object> { ["manifest"] = Convert.ToHexStringLower(SHA256.HashData(manifest)), ["share"] = Convert.ToHexStringLower(share.Hash()) });
        return new SignedManifest(manifest, signatures);
    }

    private static ManifestParty Line(PartyRunContext context, PartyShare share)
    {
        var columns = context.Data.Features.Columns;
        string[] names = context.Settings.PublishFeatureNames ? [.. columns.Select(column => column.Name)] : [.. columns.Select((_, i) => $"feature-{i + 1}")];
        var schema = new ArrayBufferWriter<byte>();
        schema.Write(Salt.Derive(context, "schema"));
        foreach (var column in columns) schema.Write(Encoding.UTF8.GetBytes($"{column.Name}\0{(column is NumericColumn ? "numeric" : "categorical")}\n"));
        var role = context.Spec.Parties.Single(party => party.Name == share.Party).Role;
        return new ManifestParty(share.Party, role, context.Data.Keys.Count, names, Convert.ToHexStringLower(SHA256.HashData(schema.WrittenSpan)), Convert.ToHexStringLower(share.Hash()), context.Settings.MinimumCohort, share.Records.Count);
    }

    private static ManifestParty ReadLine(PayloadBuffer payload, string source, ExperimentSpec spec)
    {
        var utf8 = payload.ToArray();
        try
        {
            var line = JsonSerializer.Deserialize<ManifestParty>(utf8, LineFormat) ?? throw new JsonException();
            if (line.Name != source || line.Role != spec.Parties.Single(party => party.Name == source).Role) throw ProtocolErrors.ContributionOfOther(source);
            return line;
        }
        catch (JsonException e)
        {
            throw ProtocolErrors.ContributionMalformed(source, JsonCause.Of(utf8, typeof(ManifestParty), LineFormat, e), e);
        }
    }
}
