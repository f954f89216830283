using FedLab.Client.Labs;
using FedLab.Client.Plans;
using FedLab.Client.Simulations;
using FedLab.Federation.Experiments;
using FedLab.Synthesis;

namespace FedLab.EndToEnd.Tests.Support;

/// <summary>The files of some synthetic banks, and the experiment on them.</summary>
internal sealed record BankFiles(IReadOnlyList<string> Arguments, BankPlan Plan, ExperimentSpec Spec)
{
    public const string Experiment = "banks";

    /// <summary>Writes the files.</summary>
    /// <param name="folder">Where to.</param>
    /// <param name="banks">How many of the four banks.</param>
    /// <param name="model">Kind of model.</param>
    /// <param name="settings">Settings as <c>name=value</c>.</param>
    public static async Task<BankFiles> WriteAsync(TemporaryFolder folder, int banks, string model, params string[] settings)
    {
        var generated = SyntheticBanks.Generate(SyntheticBanks.MinimumRows, seed: 5);
        var parties = new List<string>();
        foreach (var bank in generated.Banks.Take(banks))
        {
            var path = folder.File(bank.Name + ".csv");
            await generated.WriteCsvAsync(bank, path, CancellationToken.None);
            parties.Add($"{bank.Name}={path}");
        }
        var plan = BankPlan.Create(new SimulationOptions { Parties = parties, Keys = [SyntheticBanks.KeyColumn], Label = SyntheticBanks.LabelColumn, Model = model, Settings = settings });
        var data = await BankData.ReadAsync(plan, new Progress<LabProgress>(), CancellationToken.None);
        string[] arguments =
        [
            "--federation", "horizontal", .. parties.SelectMany(party => new[] { "--party", party }), "--key", SyntheticBanks.KeyColumn, "--label", SyntheticBanks.LabelColumn,
            "--model", model, .. settings.SelectMany(setting => new[] { "--set", setting }), "--name", Experiment,
        ];
        return new BankFiles(arguments, data.Plan, data.ToSpec(Experiment));
    }
}
