using FedLab.Client;
using FedLab.Client.Labs;
using FedLab.Client.Plans;
using FedLab.Federation.Experiments;
using FedLab.Learning;
using FedLab.Notebook.Labs;

namespace FedLab.Notebook.Tests.Labs;

/// <summary>The builder proposes what the command line would, byte for byte, and refuses with its sentences.</summary>
public sealed class ExperimentTests : IDisposable
{
    private static readonly CatalogueFeature[] BankFeatures = [new("default", FeatureKind.Label, null, null), new("income", FeatureKind.Number, null, null), new("grade", FeatureKind.Text, null, null)];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_vertical_experiment_is_the_specification_of_the_same_options_on_the_command_line()
    {
        string[] parties = [.. ((string[])["source", "bank", "chain"]).Select(name => $"{name}={Write(name, "id,default,x\n1,0,1\n2,1,2\n")}")];
        var typed = SimulationPlan.Create(new SimulationOptions
        {
            Parties = parties,
            Keys = ["id"],
            Label = "bank.default",
            Optional = ["chain"],
            Settings = ["trees=20", "depth=3", "learning-rate=0.15", "link=10Mbit"],
            TestFold = "1/4",
        }).ToSpec("first");
        var built = Lab("source", "bank", "chain").Experiment("first").With("source").WithOptional("chain").Active("bank", label: "default")
            .Trees(t => t with { Trees = 20, MaxDepth = 3, LearningRate = 0.15 }).Set("link", "10Mbit").Test(1, 4).ToSpec();
        Assert.Equal(typed.ToBytes(), built.ToBytes());
    }

    [Fact]
    public void Settings_left_at_their_defaults_are_not_proposed_and_later_calls_win()
    {
        var experiment = Lab("bank", "source").Experiment("first").Active("bank").With("source").Trees(t => t with { Trees = 7, MaxDepth = 2 });
        Assert.Equal(["depth", "trees"], experiment.ToSpec().Settings.Keys);
        var changed = experiment.Trees(t => t with { Trees = 9 }).Set("gamma", 0.5).ToSpec();
        Assert.Equal(["gamma", "trees"], changed.Settings.Keys);
        Assert.Equal("9", changed.Settings["trees"]);
        Assert.Equal("0.5", changed.Settings["gamma"]);
    }

    [Fact]
    public void Banks_take_their_dictionary_from_the_catalogues_once_the_texts_are_named()
    {
        var lab = Lab("a", "b", "c");
        Assert.Contains("'grade'", Refusal(() => lab.Experiment("joint").Banks().Features()), StringComparison.Ordinal);
        var spec = lab.Experiment("joint").Banks().Categories("grade", "A", "B").Features("grade", "income").Logistic(l => l with { Ridge = 1 }).ToSpec();
        Assert.Equal(["grade", "income"], spec.Features!.Select(feature => feature.Name));
        Assert.Equal(["A", "B"], spec.Features![0].Categories!);
        Assert.Null(spec.Features[1].Categories);
        Assert.Equal(ExperimentSpec.Logistic, spec.Model);
        Assert.Equal("1", spec.Settings["ridge"]);
        Assert.Equal(spec.Hash(), ExperimentSpec.Parse(spec.ToBytes()).Hash());
    }

    [Fact]
    public void What_cannot_be_proposed_is_refused_in_one_sentence_that_names_it()
    {
        var lab = Lab("bank", "source", "third");
        Assert.Contains("'nobody'", Refusal(() => lab.Experiment("first").Active("nobody")), StringComparison.Ordinal);
        Assert.Contains("'bad'", Refusal(() => lab.Experiment("first").Active("bank", label: "bad")), StringComparison.Ordinal);
        Assert.Contains("'source'", Refusal(() => lab.Experiment("first").Active("bank").With("source").WithOptional("source")), StringComparison.Ordinal);
        Assert.Contains("'bank'", Refusal(() => lab.Experiment("first").Active("bank").Active("source")), StringComparison.Ordinal);
        Assert.Contains("'first'", Refusal(() => lab.Experiment("first").Active("bank").Banks("source", "third")), StringComparison.Ordinal);
        Assert.Contains(".Active(", Refusal(() => lab.Experiment("first").With("source").ToSpec()), StringComparison.Ordinal);
        Assert.Contains("'treees'", Refusal(() => lab.Experiment("first").Active("bank").With("source").Set("treees", "5").ToSpec()), StringComparison.Ordinal);
        Assert.Contains("trees", Refusal(() => lab.Experiment("first").Active("bank").With("source").Trees(t => t with { Trees = 0 }).ToSpec()), StringComparison.Ordinal);
        Assert.Contains("'a b'", Refusal(() => lab.Experiment("a b").Active("bank").With("source").ToSpec()), StringComparison.Ordinal);
        Assert.Equal(2, lab.Experiment("first").Banks("bank", "source").Features("income").AllowTwoBanks().ToSpec().Parties.Count);
    }

    [Theory]
    [InlineData("en")]
    [InlineData("zh-CN")]
    public void What_the_command_line_refuses_too_is_mended_by_a_call_and_not_by_an_option(string language)
    {
        using var spoken = new Language(language);
        var lab = Lab("bank", "source", "third");
        Assert.Contains(".With(", Refusal(() => lab.Experiment("first").Active("bank").Check()), StringComparison.Ordinal);
        var logistic = Refusal(() => lab.Experiment("first").Active("bank").With("source").Logistic().Check());
        Assert.Contains(".Banks(", logistic, StringComparison.Ordinal);
        Assert.Contains(".Trees()", logistic, StringComparison.Ordinal);
        // Two banks need the wish for it, here as on the command line.
        Assert.Contains(".AllowTwoBanks()", Refusal(() => lab.Experiment("first").Banks("bank", "source").Features("income").Check()), StringComparison.Ordinal);
        Assert.Contains(".AllowTwoBanks()", Refusal(() => lab.Experiment("first").Banks().Features("income").Set("threshold", "2").Check()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_check_shows_every_setting_and_escapes_what_people_named()
    {
        var bundle = Lab("bank", "source").Experiment("first").Active("bank").With("source").For("<b>credit</b>").Set("trees", "5").Check().ToMimeBundle();
        foreach (var name in TreeParameters.SettingNames) Assert.Contains(name, RecordingHost.TextOf(bundle), StringComparison.Ordinal);
        Assert.Contains("<b>credit</b>", RecordingHost.TextOf(bundle), StringComparison.Ordinal);
        Assert.DoesNotContain("<b>credit</b>", RecordingHost.HtmlOf(bundle), StringComparison.Ordinal);
    }

    private static string Refusal(Func<object> make)
    {
        var message = Assert.Throws<ClientException>(make).Message;
        Assert.DoesNotContain('\n', message);
        Assert.DoesNotContain("--", message, StringComparison.Ordinal);
        return message;
    }

    private static TestLab Lab(params string[] institutions) => new(new LabFacts("lab", [.. institutions.Select(name => new Institution(name, Connected: true, Title: null, Rows: 10, BankFeatures))], Prepared: null));

    private sealed record TestLab(LabFacts Facts)
    {
        public Experiment Experiment(string name) => new(Facts, name, (_, _) => throw new InvalidOperationException("Nothing is launched here."));
    }

    private string Write(string name, string content)
    {
        var path = _folder.File(name + ".csv");
        File.WriteAllText(path, content);
        return path;
    }
}
