# Installs a formula without Homebrew: formula.rb FORMULA PREFIX PYTHON. PREFIX/source has the sdist.
require "pathname"

class Pathname
  def install_symlink(*sources)
    mkpath
    sources.flatten.each { |source| (self/File.basename(source)).make_symlink(source) }
  end
end

class Formula
  Python = Struct.new(:opt_libexec)
  class << self
    attr_reader :tests

    def [](_name) = Python.new(PYTHON_PREFIX)
    def test(&body) = (@tests = body)
    def on_linux = yield
    def method_missing(*); end # the metadata: desc, url, license, depends_on
    def respond_to_missing?(*) = true
  end

  def system(*words) = Kernel.system(*words.map(&:to_s), exception: true)
  def shell_output(line) = `#{line}`
  def assert_match(expected, actual) = actual.include?(expected) || raise("no #{expected}: #{actual}")
  def buildpath = PREFIX/"source"
  def libexec = PREFIX/"libexec"
  def bin = PREFIX/"bin"
  def man1 = PREFIX/"share/man/man1"
  def man5 = PREFIX/"share/man/man5"
  def man7 = PREFIX/"share/man/man7"
  def bash_completion = PREFIX/"etc/bash_completion.d"
  def zsh_completion = PREFIX/"share/zsh/site-functions"
  def fish_completion = PREFIX/"share/fish/vendor_completions.d"
end

PREFIX = Pathname(ARGV[1])
PYTHON_PREFIX = PREFIX/"python"
(PYTHON_PREFIX/"bin").install_symlink(ARGV[2])
(PYTHON_PREFIX/"bin"/File.basename(ARGV[2])).rename(PYTHON_PREFIX/"bin/python")
load ARGV[0]
formula = Stepcli.new
Dir.chdir(formula.buildpath) { formula.install }
formula.instance_eval(&Stepcli.tests)
