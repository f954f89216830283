using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using FedLab.Client.Resources;
using FedLab.Client.Simulations;
using FedLab.Client.Wording;
using FedLab.Federation;
using FedLab.Federation.Experiments;
using FedLab.Federation.Identity;
using FedLab.Federation.Publication;
using FedLab.Federation.Runs;
using FedLab.Learning;
using FedLab.Proto;

namespace FedLab.Client.Labs;

/// <summary>What a lead does with a run of a lab that others run: reads a specification, proposes it, watches, and fetches what was published.</summary>
/// <param name="lab">The connection to the lab.</param>
/// <param name="time">Clock.</param>
public sealed class RemoteRun(LabConnection lab, TimeProvider time)
{
    private const string SignaturesFile = "signatures.json";

    // The contract's limit on what a lead may propose.
    private const int MaximumSpecificationBytes = 64 << 10;

    /// <summary>Reads and checks a specification with all its settings.</summary>
    /// <param name="path">The JSON file.</param>
    /// <exception cref="ClientException">It is missing, too large or malformed; the message names the file and the field.</exception>
    public static ExperimentSpec ReadSpecification(string path)
    {
        try
        {
            using var file = File.OpenHandle(path);
            var length = RandomAccess.GetLength(file);
            if (length > MaximumSpecificationBytes) throw ClientException.Usage(Messages.SpecificationTooLarge(path, length, MaximumSpecificationBytes));
            var bytes = new byte[length];
            var read = RandomAccess.Read(file, bytes, 0);
            ReadOnlySpan<byte> text = bytes.AsSpan(0, read);
            // Editors put a mark in front that is no JSON.
            if (text.StartsWith("\uFEFF"u8)) text = text["\uFEFF"u8.Length..];
            var spec = ExperimentSpec.Parse(text);
            RunSettings.Parse(spec);
            return spec;
        }
        catch (Exception e) when (e is ProtocolException or LearningException)
        {
            throw ClientException.Usage(Messages.SpecificationInvalid(path, e.Message), e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw ClientException.Usage(Messages.SpecificationUnreadable(path, e.Message), e);
        }
    }

    /// <summary>Checks that the lab has all parties of a specification, and proposes it. Once it is proposed, cancelling does not take it back.</summary>
    /// <param name="spec">The specification.</param>
    /// <param name="cancellationToken">Ends the call before the proposal.</param>
    /// <returns>Identifier of the run.</returns>
    /// <exception cref="ClientException">A party is not one of the lab, or the coordinator cannot be reached or refuses.</exception>
    public async Task<string> ProposeAsync(ExperimentSpec spec, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var known = await lab.ListPartiesAsync(cancellationToken);
        foreach (var party in spec.Parties)
        {
            if (!known.Parties.Any(other => other.Name == party.Name)) throw ClientException.Usage(Messages.PartyNotInLab(party.Name, known.Lab, string.Join(", ", known.Parties.Select(other => other.Name))));
        }
        // Cancelled in mid-call, nobody would know the name of a run that the lab has.
        return await lab.CreateRunAsync(spec, CancellationToken.None);
    }

    /// <summary>Follows a run to its end.</summary>
    /// <param name="run">The run as it is.</param>
    /// <param name="progress">Shows how far it and its parties are.</param>
    /// <param name="cancellationToken">Ends the watching; the run goes on.</param>
    /// <param name="changed">Called with the run as it is each time that it has changed, before it is shown; null for nobody.</param>
    /// <returns>The run in its last state.</returns>
    /// <exception cref="ClientException">The coordinator could not be reached for two minutes.</exception>
    public Task<RunDescription> WatchAsync(RunDescription run, IProgress<LabProgress> progress, CancellationToken cancellationToken, Action<RunDescription>? changed = null)
    {
        ArgumentNullException.ThrowIfNull(run);
        var leader = run.Parties.FirstOrDefault(party => party.Role == "active") ?? run.Parties.FirstOrDefault();
        var events = new RunEvents(leader?.Name ?? "", withParties: true, progress);
        return lab.WatchRunAsync(run.Run, Report, cancellationToken, events.Interrupted);

        void Report(RunEvent change)
        {
            changed?.Invoke(change.Run);
            events.Report(change);
        }
    }

    /// <summary>
    /// Fetches the published manifest and the parties' signatures and checks them. The coordinator is not believed: the manifest must be of the experiment that
    /// was approved, and every party's signature must hold under a certificate of the lab's authority.
    /// </summary>
    /// <param name="run">The finished training run.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The manifest's bytes and the signatures over them by party.</returns>
    /// <exception cref="ClientException">The model cannot be fetched, is not the run's, or a signature does not hold.</exception>
    public async Task<(byte[] Manifest, IReadOnlyDictionary<string, byte[]> Signatures)> GetManifestAsync(RunDescription run, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        var model = await lab.GetModelAsync(run.Run, cancellationToken);
        var manifest = model.Manifest.ToByteArray();
        var (expected, found) = (Convert.ToHexStringLower(run.ManifestHash.Span), Convert.ToHexStringLower(SHA256.HashData(manifest)));
        if (found != expected) throw new ClientException(Messages.ManifestHashDiffers(expected, found));
        RequireSameExperiment(run, manifest);
        RequireSignatures(run, model, manifest);
        return (manifest, model.Signatures.ToDictionary(signature => signature.Key, signature => signature.Value.ToByteArray(), StringComparer.Ordinal));
    }

    /// <summary>Fetches and checks as <see cref="GetManifestAsync"/> does, and writes manifest and signatures.</summary>
    /// <param name="run">The finished training run.</param>
    /// <param name="folder">Where to write; made when it is missing.</param>
    /// <param name="caller">Who asks, for what is said of the folder.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ClientException">The model cannot be fetched, is not the run's, or a signature does not hold; nothing is written.</exception>
    public async Task FetchModelAsync(RunDescription run, string folder, CallerWords caller, CancellationToken cancellationToken)
    {
        var (manifest, signatures) = await GetManifestAsync(run, cancellationToken);
        try
        {
            Directory.CreateDirectory(folder);
            ModelFolder.Write(Path.Combine(folder, Manifest.FileName), Path.Combine(folder, SignaturesFile), manifest, signatures);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ClientException(Messages.OutNotWritable(folder, e.Message, caller), e);
        }
    }

    private static void RequireSameExperiment(RunDescription run, byte[] manifest)
    {
        string approved;
        try
        {
            approved = Convert.ToHexStringLower(RunSettings.DefinitionHash(ExperimentSpec.Parse(run.Spec.Span)));
        }
        catch (Exception e) when (e is ProtocolException or LearningException)
        {
            throw new ClientException(Messages.ManifestOfOtherExperiment(run.Run), e);
        }
        try
        {
            using var document = JsonDocument.Parse(manifest);
            if (document.RootElement.TryGetProperty("specHash", out var hash) && hash.ValueKind == JsonValueKind.String && hash.GetString() == approved) return;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new ClientException(Messages.ManifestOfOtherExperiment(run.Run), e);
        }
        throw new ClientException(Messages.ManifestOfOtherExperiment(run.Run));
    }

    private void RequireSignatures(RunDescription run, PublishedModel model, byte[] manifest)
    {
        // A bank that left before the end has no model to sign.
        foreach (var party in run.Parties.Where(party => !party.Absent).Select(party => party.Name))
        {
            X509Certificate2 certificate;
            try
            {
                certificate = X509Certificate2.CreateFromPem(model.Certificates.GetValueOrDefault(party, ""));
            }
            catch (CryptographicException e)
            {
                throw new ClientException(Messages.ManifestNotSigned(party), e);
            }
            using (certificate)
            {
                if (LabCertificates.Refusal(certificate, lab.Authority, LabRole.Participant, time) is { } refusal) throw new ClientException(refusal);
                using var directory = new PartyDirectory([KeyValuePair.Create(LabCertificates.NameOf(certificate), certificate)]);
                if (!model.Signatures.TryGetValue(party, out var signature) || !directory.Verify(party, manifest, signature.Span)) throw new ClientException(Messages.ManifestNotSigned(party));
            }
        }
    }
}
