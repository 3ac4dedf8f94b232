// Reads hits as text, prints the scores of each event: what Python gives, without Python.
//
//     score_hits model.onnx [threads] < hits.txt
//
// A line is one of
//
//     event RUN LUMI EVENT          an event begins
//     EcalBarrelHit IETA IPHI GEV   a hit: what names its channel in the table, and its energy
//     Track PIXEL GEV               a track: its pixel, and its transverse momentum
//     divide_by GEV                 what the pixels are divided by, where the graph asks for it
//     photons PIXEL PIXEL           of the two leading ones, where the graph asks for them
//
// and `python write_hits.py STORE model.onnx > hits.txt` writes such lines.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "HitScorer.h"

namespace {

constexpr int kEvents = 64;  // scored together, and held in memory

class Printer {
public:
  explicit Printer(const hepvision::HitModel& model) : model_(model), batch_(model.collections()) {
    std::printf("# run luminosityBlock event scores of %s\n", model.classes().c_str());
  }

  void begin(std::istringstream& words) {
    end();
    std::string run, lumi, event;
    if (!(words >> run >> lumi >> event))
      throw std::runtime_error("event needs run, luminosity block and event");
    names_.push_back(run + " " + lumi + " " + event);
    open_ = true;
  }

  void read(const std::string& what, std::istringstream& words) {
    if (!open_)
      throw std::runtime_error(what + " stands before the first event");
    if (what == "divide_by" && model_.divides()) {
      const double value = real(words, what);
      ended(words, what);
      return batch_.divideBy(value);
    }
    if (what == "photons" && model_.aroundPhotons()) {
      const int64_t leading = whole(words, what), second = whole(words, what);
      ended(words, what);
      return batch_.photons(leading, second);
    }
    const auto& known = model_.collections();
    if (std::find(known.begin(), known.end(), what) == known.end())
      return;  // the network does not look at it
    std::vector<int64_t> numbers(model_.fields(what));
    for (auto& number : numbers)
      number = whole(words, what);
    const auto value = static_cast<float>(real(words, what));
    ended(words, what);
    batch_.add(what, model_.channel(what, numbers), value);
  }

  void end() {
    if (open_)
      batch_.endEvent();
    open_ = false;
    if (batch_.events() == kEvents)
      print();
  }

  // Also of a batch without events.
  void print() {
    const auto scores = model_.scores(batch_);
    const size_t classes = names_.empty() ? 0 : scores.size() / names_.size();
    for (size_t i = 0; i < names_.size(); ++i) {
      std::printf("%s", names_[i].c_str());
      for (size_t k = 0; k < classes; ++k)
        std::printf(" %.9g", scores[i * classes + k]);
      std::printf("\n");
    }
    names_.clear();
    batch_.clear();
  }

private:
  // The next word as a number, all of it; strtod knows nan, which operator>> does not.
  static double real(std::istringstream& words, const std::string& what) {
    std::string text;
    char* end = nullptr;
    words >> text;
    const double value = std::strtod(text.c_str(), &end);
    if (text.empty() || *end)
      throw std::runtime_error(what + " needs a number, got \"" + text + "\"");
    return value;
  }
  static int64_t whole(std::istringstream& words, const std::string& what) {
    std::string text;
    char* end = nullptr;
    words >> text;
    const int64_t value = std::strtoll(text.c_str(), &end, 10);
    if (text.empty() || *end)
      throw std::runtime_error(what + " needs a whole number, got \"" + text + "\"");
    return value;
  }
  static void ended(std::istringstream& words, const std::string& what) {
    std::string text;
    if (words >> text)
      throw std::runtime_error(what + " needs no \"" + text + "\"");
  }

  const hepvision::HitModel& model_;
  hepvision::HitBatch batch_;
  std::vector<std::string> names_;
  bool open_ = false;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2 || argc > 3) {
    std::fprintf(stderr, "usage: score_hits model.onnx [threads] < hits.txt\n");
    return 2;
  }
  long line = 0;
  try {
    const hepvision::HitModel model(argv[1], argc > 2 ? std::atoi(argv[2]) : 1);
    Printer printer(model);
    std::string text, what;
    for (line = 1; std::getline(std::cin, text); ++line) {
      std::istringstream words(text);
      if (!(words >> what) || what[0] == '#')
        continue;
      what == "event" ? printer.begin(words) : printer.read(what, words);
    }
    line = 0;
    printer.end();
    printer.print();
  } catch (const std::exception& error) {
    if (line)
      std::fprintf(stderr, "score_hits: line %ld: %s\n", line, error.what());
    else
      std::fprintf(stderr, "score_hits: %s\n", error.what());
    return 2;
  }
  return 0;
}
