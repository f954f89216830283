#:project ../libraries/FedLab.Client/FedLab.Client.csproj
#:property PublishAot=false
#:property RestorePackagesWithLockFile=false

// A lead proposes a run, watches it, and fetches the model: dotnet run -c Release docs/lead.cs -- ADDRESS KEYS SPECIFICATION MODEL
// docs/operations.md shows it in use.
using FedLab.Audit;
using FedLab.Client.Labs;
using FedLab.Federation.Experiments;
using FedLab.Proto;

if (args is not [var address, var keys, var specification, var folder])
{
    Console.Error.WriteLine("Usage: lead.cs ADDRESS KEYS SPECIFICATION MODEL");
    return 2;
}
using var lab = new LabConnection(new Uri(address), keys, TimeProvider.System);
var run = await lab.CreateRunAsync(ExperimentSpec.Parse(File.ReadAllBytes(specification)), CancellationToken.None);
var ended = await lab.WatchRunAsync(run, Show, CancellationToken.None);
Console.WriteLine($"{run}: {ended.State}. {ended.Reason}");
if (ended.State != RunState.Finished || ended.ManifestHash.IsEmpty) return ended.State == RunState.Finished ? 0 : 1;

var model = await lab.GetModelAsync(run, CancellationToken.None);
var signatures = new ModelSignatures([.. model.Signatures.OrderBy(signature => signature.Key, StringComparer.Ordinal).Select(signature => new ModelSignature(signature.Key, "ecdsa-p256-sha256", signature.Value.ToBase64()))]);
Directory.CreateDirectory(folder);
File.WriteAllBytes(Path.Combine(folder, "manifest.json"), model.Manifest.ToByteArray());
File.WriteAllBytes(Path.Combine(folder, "signatures.json"), signatures.ToJson());
return 0;

static void Show(RunEvent change) =>
    Console.WriteLine($"{change.Run.State}: {string.Join(", ", change.Run.Parties.Select(party => $"{party.Name} {(party.Phase.Length > 0 ? $"{party.Phase} {party.Done}/{party.Total}" : party.Decision)}"))}");
