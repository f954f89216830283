using System.Security.Cryptography;
using FedLab.Audit;
using FedLab.Client.Labs;
using FedLab.Client.Resources;
using FedLab.Federation.Horizontal;
using FedLab.Federation.Identity;

namespace FedLab.Client.Simulations;

/// <summary>Fills the folder of a published model.</summary>
internal static class ModelFolder
{
    // How every party signs, as the audit bundle names it.
    private const string SignatureAlgorithm = "ecdsa-p256-sha256";

    /// <summary>Writes manifest and signatures.</summary>
    /// <param name="workspace">The run's folder.</param>
    /// <param name="manifest">The manifest.</param>
    /// <param name="signatures">Signatures over it by party.</param>
    public static void Write(LabWorkspace workspace, byte[] manifest, IReadOnlyDictionary<string, byte[]> signatures)
    {
        LabWorkspace.CreateFolder(workspace.Model);
        Write(workspace.ManifestFile, workspace.SignaturesFile, manifest, signatures);
    }

    /// <summary>Writes manifest and signatures.</summary>
    /// <param name="manifestFile">Where to write the manifest.</param>
    /// <param name="signaturesFile">Where to write the signatures.</param>
    /// <param name="manifest">The manifest.</param>
    /// <param name="signatures">Signatures over it by party.</param>
    public static void Write(string manifestFile, string signaturesFile, byte[] manifest, IReadOnlyDictionary<string, byte[]> signatures)
    {
        KeyFiles.WriteAtomically(manifestFile, manifest, ownerOnly: false);
        KeyFiles.WriteAtomically(signaturesFile, SignaturesOf(signatures), ownerOnly: false);
    }

    /// <summary>Signatures over a manifest as an audit bundle has them.</summary>
    /// <param name="signatures">The signatures by party.</param>
    public static byte[] SignaturesOf(IReadOnlyDictionary<string, byte[]> signatures) =>
        new ModelSignatures([.. signatures.OrderBy(signature => signature.Key, StringComparer.Ordinal).Select(signature => new ModelSignature(signature.Key, SignatureAlgorithm, Convert.ToBase64String(signature.Value)))]).ToJson();

    /// <summary>Copies the model that banks trained together from the home of the first; each of them must have the same, and the manifest must name it.</summary>
    /// <param name="workspace">The run's folder.</param>
    /// <param name="run">Identifier of the run.</param>
    /// <param name="banks">The banks that stayed to the end.</param>
    /// <param name="manifest">The manifest.</param>
    /// <returns>The model's JSON.</returns>
    /// <exception cref="ClientException">A bank has another model, or none.</exception>
    public static byte[] CopyModel(LabWorkspace workspace, string run, IReadOnlyList<string> banks, BankManifest manifest)
    {
        foreach (var bank in banks)
        {
            var file = Path.Combine(workspace.PartyRun(bank, run), BankReport.ModelFileName);
            if (!File.Exists(file)) throw new ClientException(Messages.BankFileMissing(bank, file));
            var hash = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)));
            if (hash != manifest.ModelHash) throw new ClientException(Messages.BankModelDiffers(bank, hash, manifest.ModelHash));
        }
        var home = workspace.PartyRun(banks[0], run);
        var model = File.ReadAllBytes(Path.Combine(home, BankReport.ModelFileName));
        KeyFiles.WriteAtomically(workspace.ModelFile, model, ownerOnly: false);
        KeyFiles.WriteAtomically(workspace.OnnxFile, File.ReadAllBytes(Path.Combine(home, BankReport.OnnxFileName)), ownerOnly: false);
        return model;
    }
}
