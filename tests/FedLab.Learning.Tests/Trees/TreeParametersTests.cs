using System.Globalization;

namespace FedLab.Learning.Tests.Trees;

public sealed class TreeParametersTests
{
    private static TreeParameters Parse(string name, string value) => TreeParameters.Parse(new Dictionary<string, string> { [name] = value });

    [Fact]
    public void Settings_round_trip_and_every_one_of_them_matters()
    {
        var parameters = new TreeParameters
        {
            Trees = 7,
            MaxDepth = 3,
            LearningRate = 0.1,
            MaxBin = 254,
            Lambda = 1e-3,
            Gamma = 2,
            MinChildWeight = 0.3,
            Subsample = 0.7,
            ColsampleByTree = 1.0 / 3,
            ScalePosWeight = 3.5,
            EarlyStoppingRounds = 5,
            ValidationFraction = 0.2,
            MinimumCategoryCount = 4,
            Seed = ulong.MaxValue,
        };
        var settings = parameters.ToSettings();
        Assert.Equal(parameters, TreeParameters.Parse(settings));
        Assert.Equal(TreeParameters.SettingNames, settings.Keys);
        var defaults = new TreeParameters().ToSettings();
        Assert.All(settings, setting =>
        {
            Assert.NotEqual(defaults[setting.Key], setting.Value);
            Assert.NotEqual(new TreeParameters(), Parse(setting.Key, setting.Value));
        });
        Assert.Equal(new TreeParameters(), TreeParameters.Parse(new Dictionary<string, string>()));
        Assert.Equal("0", Parse("gamma", "-0").ToSettings()["gamma"]);
    }

    [Theory]
    [InlineData("treess", "trees")]
    [InlineData("Depth", "depth")]
    [InlineData("max-depth", "depth")]
    [InlineData("max_bin", "bins")]
    [InlineData("eta", "learning-rate")]
    [InlineData("learning_rate", "learning-rate")]
    [InlineData("colsample_bytree", "colsample")]
    [InlineData("min-child-wieght", "min-child-weight")]
    public void An_unknown_setting_is_answered_with_the_nearest_known_one(string name, string nearest)
    {
        var message = Assert.Throws<LearningException>(() => Parse(name, "1")).Message;
        Assert.StartsWith($"Setting '{name}' is not known; did you mean '{nearest}'? Known settings: trees, depth,", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("trees", "0", "a whole number from 1 to 5000")]
    [InlineData("trees", "1.5", "a whole number from 1 to 5000")]
    [InlineData("trees", "99999999999999999999", "a whole number from 1 to 5000")]
    [InlineData("depth", "13", "a whole number from 1 to 12")]
    [InlineData("bins", "255", "a whole number from 2 to 254")]
    [InlineData("learning-rate", "0", "a number above 0 and at most 1")]
    [InlineData("learning-rate", "0,1", "a number above 0 and at most 1")]
    [InlineData("learning-rate", "NaN", "a number above 0 and at most 1")]
    [InlineData("lambda", "-1", "a number from 0 to 1000000")]
    [InlineData("gamma", "Infinity", "a number from 0 to 1000000")]
    [InlineData("subsample", "1.01", "a number above 0 and at most 1")]
    [InlineData("validation-fraction", "0.6", "a number above 0 and at most 0.5")]
    [InlineData("scale-pos-weight", "0", "a number from 0.001 to 1000")]
    [InlineData("seed", "-1", "a whole number from 0 to 18446744073709551615")]
    [InlineData("min-category-count", "", "a whole number from 1 to 1000000")]
    public void A_wrong_value_is_answered_with_the_setting_and_its_range(string name, string value, string range)
    {
        var message = Assert.Throws<LearningException>(() => Parse(name, value)).Message;
        Assert.Contains($"'{name}'", message, StringComparison.Ordinal);
        Assert.EndsWith($"; give {range}.", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Values_that_were_set_in_code_are_checked_too()
    {
        Assert.Throws<LearningException>(() => new TreeParameters { MaxDepth = 0 }.Validate());
        Assert.Throws<LearningException>(() => new BoostingTrainer(new TreeParameters { Lambda = double.NaN }));
    }

    [Fact]
    public void A_long_wrong_name_is_repeated_only_in_part() =>
        Assert.InRange(Assert.Throws<LearningException>(() => Parse(new string('x', 1_000_000), "1")).Message.Length, 1, 400);

    [Fact]
    public void Messages_follow_the_language_of_the_reader()
    {
        var before = CultureInfo.CurrentUICulture;
        try
        {
            CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo("zh-CN");
            Assert.Equal("设置“depth”的值 13 超出范围；请填写1 到 12 之间的整数。", Assert.Throws<LearningException>(() => Parse("depth", "13")).Message);
        }
        finally
        {
            CultureInfo.CurrentUICulture = before;
        }
    }
}
