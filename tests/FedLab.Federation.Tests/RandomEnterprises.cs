using FedLab.Federation.Experiments;
using FedLab.Federation.Runs;
using FedLab.Learning;

namespace FedLab.Federation.Tests;

/// <summary>
/// Random enterprises held by a bank, a required and an optional source: ties, missing values, categories, a key order of
/// their own in each file. Seeded, because a test that fails must fail again.
/// </summary>
internal sealed class RandomEnterprises
{
    private ulong _state;

    public RandomEnterprises(ulong seed, int enterprises)
    {
        _state = seed;
        var keys = Enumerable.Range(0, enterprises).Select(i => $"E{i:D7}").ToArray();
        var hidden = keys.ToDictionary(key => key, _ => (A: Normal(), B: Normal(), C: Normal()));
        var bank = Shuffled(keys.Where(_ => Next(10) != 0));
        var required = Shuffled(keys.Where(_ => Next(10) != 0));
        var optional = Shuffled(keys.Where(_ => Next(3) != 0));
        Bank = TestLab.MakeData(bank, new Table([
            Numeric("balance", bank, key => Math.Round(1000 * Math.Exp(hidden[key].A + Normal())), missing: 0),
            Numeric("late", bank, key => Math.Max(0, Math.Floor(hidden[key].A + Normal())), missing: 0.1),
            Categorical("region", bank, ["north", "south", "east"]),
        ]), [.. bank.Select(key => (byte)(hidden[key].A + hidden[key].B + hidden[key].C + Normal() > 1 ? 1 : 0))], [.. bank.Select(_ => Next(5) == 0)]);
        Required = TestLab.MakeData(required, new Table([
            Numeric("tax", required, key => Math.Round(3 * (hidden[key].B + Normal())), missing: 0),
            Numeric("power", required, key => Math.Round(100 * (hidden[key].B + Normal())), missing: 0.2),
            Numeric("flag", required, key => hidden[key].C > 1 ? 1 : 0, missing: 0),
            Categorical("industry", required, ["C", "F", "E", "G", "I", "L"]),
        ]));
        Optional = TestLab.MakeData(optional, new Table([
            Numeric("orders", optional, key => Math.Round(50 * Math.Exp(hidden[key].C + 0.5 * Normal())), missing: 0),
            Numeric("trend", optional, key => Math.Round(hidden[key].C + Normal(), 2), missing: 0.05),
        ]));
    }

    public PartyData Bank { get; }

    public PartyData Required { get; }

    public PartyData Optional { get; }

    public IReadOnlyDictionary<string, PartyData> All => new Dictionary<string, PartyData> { ["bank"] = Bank, ["register"] = Required, ["platform"] = Optional };

    public static ExperimentSpec Spec(params (string Name, string Value)[] settings) => new()
    {
        Name = "random",
        Parties = [new("bank", PartyRole.Active), new("register", PartyRole.Required), new("platform", PartyRole.Optional)],
        Settings = settings.ToDictionary(setting => setting.Name, setting => setting.Value),
    };

    private ulong Raw()
    {
        var z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
        z = (z ^ z >> 27) * 0x94D049BB133111EB;
        return z ^ z >> 31;
    }

    private int Next(int limit) => (int)(Raw() % (ulong)limit);

    private double Uniform() => ((Raw() >> 11) + 0.5) / (1UL << 53);

    private double Normal() => Math.Sqrt(-2 * Math.Log(Uniform())) * Math.Cos(2 * Math.PI * Uniform());

    private string[] Shuffled(IEnumerable<string> keys)
    {
        var shuffled = keys.ToArray();
        for (var i = shuffled.Length - 1; i > 0; i--)
        {
            var j = Next(i + 1);
            (shuffled[i], shuffled[j]) = (shuffled[j], shuffled[i]);
        }
        return shuffled;
    }

    private NumericColumn Numeric(string name, string[] keys, Func<string, double> value, double missing) =>
        new(name, [.. keys.Select(key => Uniform() < missing ? double.NaN : value(key))]);

    private CategoricalColumn Categorical(string name, string[] keys, string[] categories) =>
        new(name, categories, [.. keys.Select(_ => Next(categories.Length + 1) - 1)]);
}
