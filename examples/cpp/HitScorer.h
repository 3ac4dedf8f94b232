// Scores of events from their hits, by a file of `hepvision export --inputs hits` in ONNX Runtime.
//
// HitModel opens the file and the tables of channels beside it, once in a process; it is constant
// and may be shared by threads. HitBatch holds the hits of some events, one behind the other as
// the graph wants them; each thread has its own. Only the C API of ONNX Runtime is called, whose
// binary interface stays the same from release to release.

#pragma once

#include <cmath>
#include <cstdint>
#include <fstream>
#include <limits>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <onnxruntime_c_api.h>

namespace hepvision {

// Events whose hits lie one behind the other.
class HitBatch {
public:
  struct Hits {
    std::vector<int64_t> channel;
    std::vector<float> value;
    std::vector<int64_t> offsets{0};
  };

  explicit HitBatch(const std::vector<std::string>& collections) {
    for (const auto& name : collections)
      hits_[name];
  }

  // A hit of the event that is being filled: a channel that the model knows, and GeV.
  void add(const std::string& collection, int64_t channel, float value) {
    auto& found = hits_.at(collection);
    found.channel.push_back(channel);
    found.value.push_back(value);
  }

  // What the pixels of this event are divided by, and the pixels of its photons, where the graph
  // asks for them.
  void divideBy(double value) { divide_ = value; }
  void photons(int64_t leading, int64_t second) {
    leading_ = leading;
    second_ = second;
  }

  // An event without hits is valid.
  void endEvent() {
    for (auto& [name, found] : hits_)
      found.offsets.push_back(static_cast<int64_t>(found.channel.size()));
    dividing_.push_back(std::exchange(divide_, std::numeric_limits<double>::quiet_NaN()));
    centres_.push_back(std::exchange(leading_, -1));
    centres_.push_back(std::exchange(second_, -1));
  }

  int64_t events() const { return static_cast<int64_t>(dividing_.size()); }

  void clear() {
    for (auto& [name, found] : hits_) {
      found.channel.clear();
      found.value.clear();
      found.offsets.assign(1, 0);
    }
    dividing_.clear();
    centres_.clear();
  }

private:
  friend class HitModel;
  std::map<std::string, Hits> hits_;
  std::vector<double> dividing_;
  std::vector<int64_t> centres_;
  double divide_ = std::numeric_limits<double>::quiet_NaN();
  int64_t leading_ = -1, second_ = -1;
};

class HitModel {
public:
  // Opens model.onnx, and model.EcalBarrelHit.csv and so on beside it.
  HitModel(const std::string& path, int threads) : api_(OrtGetApiBase()->GetApi(ORT_API_VERSION)) {
    if (!api_)
      throw std::runtime_error(std::string("ONNX Runtime: must be as new as its headers, got ") +
                               OrtGetApiBase()->GetVersionString() + ". Update the library.");
    try {
      check(api_->CreateEnv(ORT_LOGGING_LEVEL_WARNING, "hepvision", &env_));
      check(api_->CreateSessionOptions(&options_));
      check(api_->SetIntraOpNumThreads(options_, threads));
      check(api_->CreateSession(env_, path.c_str(), options_, &session_));
      check(api_->GetAllocatorWithDefaultOptions(&allocator_));
      check(api_->CreateCpuMemoryInfo(OrtArenaAllocator, OrtMemTypeDefault, &memory_));
      readInputs(path);
      classes_ = metadata("hepvision.classes");
    } catch (...) {
      release();
      throw;
    }
  }
  ~HitModel() { release(); }
  HitModel(const HitModel&) = delete;
  HitModel& operator=(const HitModel&) = delete;

  const std::vector<std::string>& collections() const { return collections_; }
  // Names of the classes, in the order of the scores, as a JSON list.
  const std::string& classes() const { return classes_; }
  bool divides() const { return divides_; }
  bool aroundPhotons() const { return photons_; }

  // How many numbers name a channel, such as 2 for (ieta, iphi); 1 where there is no table: tracks
  // are counted by pixels, which hepvision.canvases of the metadata tells.
  size_t fields(const std::string& collection) const {
    const auto found = tables_.find(collection);
    return found == tables_.end() ? 1 : found->second.fields;
  }

  // The channel that such numbers name, −1 if there is none.
  int64_t channel(const std::string& collection, const std::vector<int64_t>& numbers) const {
    const auto found = tables_.find(collection);
    if (found == tables_.end())
      return numbers.at(0);
    const auto channel = found->second.channels.find(packed(numbers));
    return channel == found->second.channels.end() ? -1 : channel->second;
  }

  // Scores of all events, one row of classes an event. The batch stays as it is.
  std::vector<float> scores(HitBatch& batch) const {
    std::vector<const char*> names;
    std::vector<OrtValue*> values;
    OrtValue* result = nullptr;
    std::vector<float> made;
    try {
      const int64_t events = batch.events();
      for (const auto& name : inputs_) {
        const auto dot = name.find('.');
        names.push_back(name.c_str());
        if (name == "divide_by") {
          values.push_back(tensor(batch.dividing_, {events}, ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE));
        } else if (name == "photons") {
          values.push_back(tensor(batch.centres_, {events, 2}, ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64));
        } else {
          auto& hits = batch.hits_.at(name.substr(0, dot));
          const auto what = name.substr(dot + 1);
          const auto count = static_cast<int64_t>(hits.channel.size());
          if (what == "index")
            values.push_back(tensor(hits.channel, {count}, ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64));
          else if (what == "offsets")
            values.push_back(tensor(hits.offsets, {events + 1}, ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64));
          else
            values.push_back(tensor(hits.value, {count}, ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT));
        }
      }
      const char* output = "scores";
      check(api_->Run(session_, nullptr, names.data(), values.data(), values.size(), &output, 1,
                      &result));
      OrtTensorTypeAndShapeInfo* shape = nullptr;
      check(api_->GetTensorTypeAndShape(result, &shape));
      size_t count = 0;
      OrtStatus* status = api_->GetTensorShapeElementCount(shape, &count);
      api_->ReleaseTensorTypeAndShapeInfo(shape);
      check(status);
      void* data = nullptr;
      check(api_->GetTensorMutableData(result, &data));
      made.assign(static_cast<float*>(data), static_cast<float*>(data) + count);
    } catch (...) {
      releaseValues(values, result);
      throw;
    }
    releaseValues(values, result);
    return made;
  }

private:
  struct Table {
    size_t fields = 0;
    std::unordered_map<int64_t, int64_t> channels;
  };

  void check(OrtStatus* status) const {
    if (!status)
      return;
    const std::string message = api_->GetErrorMessage(status);
    api_->ReleaseStatus(status);
    throw std::runtime_error("ONNX Runtime: " + message);
  }

  void release() {
    if (memory_)
      api_->ReleaseMemoryInfo(memory_);
    if (session_)
      api_->ReleaseSession(session_);
    if (options_)
      api_->ReleaseSessionOptions(options_);
    if (env_)
      api_->ReleaseEnv(env_);
  }

  void releaseValues(const std::vector<OrtValue*>& values, OrtValue* result) const {
    for (auto* one : values)
      api_->ReleaseValue(one);
    if (result)
      api_->ReleaseValue(result);
  }

  template <typename T>
  OrtValue* tensor(std::vector<T>& data, const std::vector<int64_t>& shape,
                   ONNXTensorElementDataType type) const {
    data.reserve(1);  // an empty vector has no address, a tensor must have one
    OrtValue* made = nullptr;
    check(api_->CreateTensorWithDataAsOrtValue(memory_, data.data(), data.size() * sizeof(T),
                                               shape.data(), shape.size(), type, &made));
    return made;
  }

  std::string metadata(const char* key) const {
    OrtModelMetadata* data = nullptr;
    check(api_->SessionGetModelMetadata(session_, &data));
    char* text = nullptr;
    OrtStatus* status = api_->ModelMetadataLookupCustomMetadataMap(data, allocator_, key, &text);
    api_->ReleaseModelMetadata(data);
    check(status);
    const std::string made = text ? text : "";
    if (text)
      check(api_->AllocatorFree(allocator_, text));
    return made;
  }

  void readInputs(const std::string& path) {
    if (metadata("hepvision.inputs") != "\"hits\"")
      throw std::runtime_error(path + ": must take hits. Export it with --inputs hits.");
    size_t count = 0;
    check(api_->SessionGetInputCount(session_, &count));
    for (size_t i = 0; i < count; ++i) {
      char* text = nullptr;
      check(api_->SessionGetInputName(session_, i, allocator_, &text));
      inputs_.emplace_back(text);
      check(api_->AllocatorFree(allocator_, text));
      const auto& name = inputs_.back();
      divides_ = divides_ || name == "divide_by";
      photons_ = photons_ || name == "photons";
      const auto dot = name.find(".offsets");
      if (dot != std::string::npos) {
        collections_.push_back(name.substr(0, dot));
        if (collections_.back() != "Track")
          readTable(path.substr(0, path.rfind('.')) + "." + collections_.back() + ".csv");
      }
    }
  }

  // Lines of index, the numbers that name a channel, eta and phi.
  void readTable(const std::string& file) {
    std::ifstream lines(file);
    std::string line;
    if (!std::getline(lines, line))
      throw std::runtime_error(file + ": no such table. Keep it beside the model.");
    Table made;
    for (const char c : line)
      made.fields += c == ',';
    if (made.fields < 3)
      throw std::runtime_error(file + ": must be a table of channels. Export the bundle anew.");
    made.fields -= 2;
    while (std::getline(lines, line)) {
      std::istringstream text(line);
      int64_t index = 0;
      char comma = 0;
      std::vector<int64_t> numbers(made.fields);
      text >> index;
      for (auto& number : numbers)
        text >> comma >> number;
      if (!text)
        throw std::runtime_error(file + ": must hold numbers, got " + line);
      made.channels.emplace(packed(numbers), index);
    }
    tables_[collections_.back()] = std::move(made);
  }

  // Up to five numbers of at most ±2047 as one.
  static int64_t packed(const std::vector<int64_t>& numbers) {
    int64_t made = 0;
    for (const auto number : numbers) {
      if (std::abs(number) > 2047)
        return -1;
      made = made * 4096 + number + 2048;
    }
    return made;
  }

  const OrtApi* api_;
  OrtEnv* env_ = nullptr;
  OrtSessionOptions* options_ = nullptr;
  OrtSession* session_ = nullptr;
  OrtAllocator* allocator_ = nullptr;
  OrtMemoryInfo* memory_ = nullptr;
  std::vector<std::string> inputs_, collections_;
  std::map<std::string, Table> tables_;
  std::string classes_;
  bool divides_ = false, photons_ = false;
};

}  // namespace hepvision
